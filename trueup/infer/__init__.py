"""What type an expression has, from all a project and its libraries say; Unknown rather than a guess."""

from .engine import Inference, lasting
from .hierarchy import Member, Mro
from .site import Site

__all__ = ["Inference", "Member", "Mro", "Site", "lasting"]
