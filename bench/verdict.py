"""How a benchmark says which of its targets it met."""

from collections.abc import Mapping

from rich.console import Console


def tell(met: Mapping[str, bool], out: Console) -> bool:
    """Print each target and whether it is met; return whether all are."""
    for name, is_met in met.items():
        out.print(f"{'met   ' if is_met else 'MISSED'}  {name}")
    return all(met.values())
