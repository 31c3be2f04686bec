"""`python -m actcli` and the console script."""


def main() -> None:
    from .cli import run

    run()


if __name__ == "__main__":
    main()
