"""`python -m actcli` and the console script."""


def main() -> None:
    try:
        from .cli import run
    except KeyboardInterrupt:  # what is imported first takes a tenth of a second
        import sys

        sys.stderr.write("actcli: interrupted\n")
        sys.exit(130)
    run()


if __name__ == "__main__":
    main()
