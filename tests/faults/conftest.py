from tests.desk import open_desk  # noqa: F401
