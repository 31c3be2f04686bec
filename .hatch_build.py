"""Adds to the wheel what is made of the sources: the compiled part and the manual page."""

import sys
import sysconfig
from pathlib import Path
from tempfile import TemporaryDirectory

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class Made(BuildHookInterface):
    def initialize(self, version, build_data):
        sys.path.insert(0, self.root)
        from actcli.cli.man_page import man_page
        from actcli.native.build import build

        self.folder = TemporaryDirectory()
        page = Path(self.folder.name) / "actcli.1"
        page.write_text(man_page(), encoding="utf-8")
        build_data["shared_data"][str(page)] = "share/man/man1/actcli.1"
        try:
            library = (
                build() if version == "editable" else build(Path(self.folder.name, "kernel.so"))
            )
        except OSError as why:  # a pure Python package does all the same
            self.app.display_warning(f"actcli is built without its compiled part: {why}")
            return
        platform = sysconfig.get_platform().replace("-", "_").replace(".", "_")
        build_data["tag"] = f"py3-none-{platform}"
        build_data["pure_python"] = False
        if version != "editable":
            build_data["force_include"][str(library)] = f"actcli/native/{library.name}"

    def finalize(self, version, build_data, artifact_path):
        self.folder.cleanup()
