"""Detectors on anyone's series: files of values, or columns in Python."""

from app.detect.data_frame import detect

__all__ = ["detect"]
