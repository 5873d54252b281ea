"""What runs inside the environment of a program that is looked at: standard library only, any Python from 3.8 on."""
