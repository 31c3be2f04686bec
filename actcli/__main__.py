"""`python -m actcli` and the console script."""


def main() -> None:
    try:
        from .cli import run
    except KeyboardInterrupt:  # what is imported first takes a tenth of a second
        import sys

        sys.stderr.write("actcli: interrupted\n")
        sys.exit(130)
    _keep_quiet()
    run()


def _keep_quiet() -> None:
    """Nothing but this program's own messages reaches standard error, nothing opens a window."""
    import os
    import sys
    import warnings

    os.environ["MPLBACKEND"] = "agg"
    if not sys.warnoptions:
        warnings.simplefilter("ignore")


if __name__ == "__main__":
    main()
