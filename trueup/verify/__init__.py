"""What a program is before and after a change, asked by running it: modules, tables, mappings, schemas, a command."""
