"""Looks into songs in a process of its own, behind the show: how loud each part of one is, and its tempo."""

from bandwalk.show.survey.surveyor import Surveyor

__all__ = ["Surveyor"]
