"""The special functions of scipy for single numbers: the same code as its array functions, at a fraction of the cost."""

from collections.abc import Callable
from typing import Final

from scipy.special import cython_special

_One = Callable[[float], float]
_Two = Callable[[float, float], float]
_Three = Callable[[float, float, float], float]

betainc: Final[_Three] = cython_special.betainc
gammainc: Final[_Two] = cython_special.gammainc
gammaincc: Final[_Two] = cython_special.gammaincc
gammaincinv: Final[_Two] = cython_special.gammaincinv
ndtr: Final[_One] = cython_special.ndtr
ndtri: Final[_One] = cython_special.ndtri
nbdtrik: Final[_Three] = cython_special.nbdtrik
pdtr: Final[_Two] = cython_special.pdtr
