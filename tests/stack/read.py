"""read.py FILE [SCHEMA]: prints a YAML file as JSON, after it was held to the schema where one is given."""

import json
import sys

import yaml

with open(sys.argv[1], encoding="utf-8") as file:
    document = yaml.safe_load(file)
if len(sys.argv) > 2:
    import jsonschema

    with open(sys.argv[2], encoding="utf-8") as file:
        schema = json.load(file)
    faults = sorted(jsonschema.Draft7Validator(schema).iter_errors(document), key=lambda fault: list(map(str, fault.path)))
    if faults:
        sys.exit("\n".join(f"{'/'.join(map(str, fault.path))}: {fault.message}" for fault in faults))
json.dump(document, sys.stdout)
