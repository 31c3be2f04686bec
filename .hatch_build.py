"""Adds the manual page, made of the help texts, to the wheel: share/man/man1/actcli.1."""

import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class ManualPage(BuildHookInterface):
    def initialize(self, version, build_data):
        sys.path.insert(0, self.root)
        from actcli.cli.man_page import man_page

        self.folder = TemporaryDirectory()
        page = Path(self.folder.name) / "actcli.1"
        page.write_text(man_page(), encoding="utf-8")
        build_data["shared_data"][str(page)] = "share/man/man1/actcli.1"

    def finalize(self, version, build_data, artifact_path):
        self.folder.cleanup()
