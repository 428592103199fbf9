"""Arguments and options of the commands, each said once; their texts are ids of the message catalogue."""

from __future__ import annotations

from typing import Annotated

import typer

Names = Annotated[list[str] | None, typer.Argument(metavar="NAME", help="cli.argument.names", show_default=False)]
LeagueNames = Annotated[
    list[str] | None, typer.Argument(metavar="NAME", help="cli.argument.league", show_default=False)
]
Files = Annotated[list[str] | None, typer.Argument(metavar="FILE", help="cli.argument.files", show_default=False)]
Name = Annotated[str | None, typer.Argument(metavar="NAME", help="cli.argument.name", show_default=False)]
Key = Annotated[str | None, typer.Argument(metavar="KEY", help="cli.argument.key", show_default=False)]
Baseline = Annotated[
    str | None,
    typer.Option("--baseline", metavar="NAME", help="cli.option.baseline", show_default=False),
]
# Numbers are read as text, so that everything wrong with them is said at once and in one language.
Paths = Annotated[str, typer.Option("--paths", metavar="N", help="cli.option.paths", show_default=False)]
Seed = Annotated[str, typer.Option("--seed", metavar="N", help="cli.option.seed", show_default=False)]
Workers = Annotated[str | None, typer.Option("--workers", metavar="N", help="cli.option.workers", show_default=False)]
Out = Annotated[str | None, typer.Option("--out", metavar="DIR", help="cli.option.out", show_default=False)]
Fresh = Annotated[bool, typer.Option("--fresh", help="cli.option.fresh")]
AsJson = Annotated[bool, typer.Option("--json", help="cli.option.json")]
Language = Annotated[
    str | None, typer.Option("--language", metavar="en|zh", help="cli.option.language", show_default=False)
]
Quiet = Annotated[bool, typer.Option("--quiet", help="cli.option.quiet")]
Run = Annotated[str | None, typer.Argument(metavar="RUN", help="cli.argument.run", show_default=False)]
To = Annotated[str | None, typer.Option("--to", metavar="PATH", help="cli.option.to", show_default=False)]
Report = Annotated[bool, typer.Option("--report", help="cli.option.report")]
Port = Annotated[str | None, typer.Option("--port", metavar="N", help="pages.help.port", show_default=False)]
Format = Annotated[
    str | None,
    typer.Option("--format", metavar="FORMAT", help="cli.option.format", show_default=False),
]
