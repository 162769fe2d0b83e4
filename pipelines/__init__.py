"""Image science: photographs in, proposal out. Knows no person, no database, no page."""

from pipelines.telemetry import switch_telemetry_off

switch_telemetry_off()
