"""The wheel's packages: two roots, and the folders of files for other programs beside the client's code.

pyproject.toml says all the rest; setuptools finds packages in two folders only where they are listed by a program.
"""

from setuptools import find_packages, setup

FOLDERS = ("resolume", "tablet", "touchdesigner")

setup(
    packages=[
        *find_packages("server", include=["bandwalk*"]),
        *find_packages("clients", include=["bandwalk_client*"]),
        *(f"bandwalk_client.{folder}" for folder in FOLDERS),
    ],
    package_dir={
        "bandwalk": "server/bandwalk",
        "bandwalk_client": "clients/bandwalk_client",
        **{f"bandwalk_client.{folder}": f"clients/{folder}" for folder in FOLDERS},
    },
)
