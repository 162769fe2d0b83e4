# make run    sets everything up and opens the page on this machine
# make test   sets everything up and runs lint, types and tests

PYTHON ?= python3
BIN := .venv/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet

.PHONY: run test lock samples photos calibration train clean

run: .venv/ready-to-run
	$(BIN)/python app.py

test: .venv/ready-to-test
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/pytest

.venv/ready-to-run: requirements.lock pyproject.toml
	$(PYTHON) -c 'import sys; sys.version_info >= (3, 11) or sys.exit("Python 3.11 or newer is needed")'
	$(PYTHON) -m venv .venv
	$(PIP) install --require-hashes --no-deps -r requirements.lock
	$(PIP) install --no-build-isolation --no-deps -e .
	touch $@

.venv/ready-to-test: .venv/ready-to-run requirements-test.lock
	$(PIP) install --require-hashes --no-deps -r requirements-test.lock
	touch $@

# The locks hold for every system and Python that has the wheels; they are made with `pip install uv`.
lock:
	uv pip compile pyproject.toml --extra install --universal --python-version 3.11 --generate-hashes --no-annotate --custom-compile-command "make lock" -o requirements.lock
	uv pip compile pyproject.toml --extra install --extra test -c requirements.lock --universal --python-version 3.11 --generate-hashes --no-annotate --custom-compile-command "make lock" -o requirements-test.lock

samples: .venv/ready-to-run
	$(BIN)/python -m models.plates.samples

calibration: .venv/ready-to-run
	$(BIN)/python -m models.fit_calibration

# PHOTOS: a folder of photographs with an index.csv; see docs/benchmarks.md
photos: .venv/ready-to-run
	$(BIN)/python benchmarks/photos.py $(PHOTOS)

# Needs models/requirements-train.txt and the Liberation fonts; hours on two cores, goes on where it was stopped.
# TRAINING: a folder for shards and checkpoints; PHOTOS: labelled photographs, without which none are trained on.
TRAINING ?= training
train: .venv/ready-to-run
	$(PIP) install -r models/requirements-train.txt
	$(BIN)/python -m models.shards $(TRAINING)/shards --first 1000 --count 106
	$(if $(PHOTOS),$(BIN)/python -m models.photo_strips $(PHOTOS) $(TRAINING)/shards)
	$(BIN)/python -m models.train $(TRAINING)/run --shards $(TRAINING)/shards
	$(BIN)/python -m models.export $(TRAINING)/run/checkpoint.pt models/marks.onnx
	$(BIN)/python -m models.picture_shards $(TRAINING)/pictures
	$(BIN)/python -m models.train_rows $(TRAINING)/rows --shards $(TRAINING)/pictures
	cp $(TRAINING)/rows/rows.onnx models/rows.onnx
	$(BIN)/python -m models.evaluate

clean:
	rm -rf .venv dist .pytest_cache .mypy_cache .ruff_cache .hypothesis
