"""Check an exported ledger without Demeter: python3 verify_ledger.py FILE [HEAD]

The file is what `demeter ledger export FILE` wrote. Each line is a hash, a space and a
JSON object; the hash is SHA-256 over the hash before (as text) and the object's text. With
HEAD, the last hash as it was given to you by another way, the file is the one that was
written. Then the sums are checked. Needs Python 3.8 and nothing else.
"""

import hashlib
import json
import sys
from collections import defaultdict

COMES = {"plantar", "sembrar", "foto", "manual_init"}
GOES = {"muerte", "ventas"}


def read(path):
    """The objects of the file, by kind; checks the chain."""
    rows, head, number = defaultdict(list), "", 0
    with open(path, encoding="utf-8") as file:
        for number, line in enumerate(file, 1):
            told, _, text = line.rstrip("\n").partition(" ")
            head = hashlib.sha256((head + text).encode()).hexdigest()
            if told != head:
                raise SystemExit(f"line {number} is not what was written: its hash does not follow")
            row = json.loads(text)
            rows[row["line"]].append(row)
    if not rows["end"] or rows["end"][-1]["lines"] != number:
        raise SystemExit("the file is cut off: its last line is missing")
    return rows, head


def batches_and_balances(rows):
    """A batch is the sum of its movements, in their order and at every instant."""
    batches = {row["id"]: row for row in rows["batch"]}
    plants, pots, by_batch = defaultdict(int), defaultdict(int), defaultdict(list)
    before = ""
    for move in rows["movement"]:
        key = move["batch"]
        if move["id"] <= before:
            yield f"movement {move['id']}: not in the order of recording"
        before = move["id"]
        if key not in batches:
            yield f"movement {move['id']}: there is no batch {key}"
            continue
        if move["location"] != batches[key]["location"]:
            yield f"movement {move['id']}: not in the location of its batch"
        if key not in plants and move["plants"] != batches[key]["initial"]:
            yield f"batch {key}: did not begin with its first movement"
        plants[key] += move["plants"]
        pots[key] += move["empty_pots"]
        by_batch[key].append((move["at"], move["plants"]))
        if move["balance"] != plants[key] or move["balance"] < 0 or move["plants"] == 0:
            yield f"movement {move['id']}: balance {move['balance']}, the sum is {plants[key]}"
    for key, batch in batches.items():
        if batch["plants"] != plants[key] or batch["empty_pots"] != pots[key]:
            yield f"batch {key}: holds {batch['plants']}, its movements say {plants[key]}"
        stood = defaultdict(int)
        for at, change in by_batch[key]:
            stood[at] += change
        held = 0
        for at in sorted(stood):
            held += stood[at]
            if held < 0:
                yield f"batch {key}: {held} plants at {at}"


def movements(rows):
    """Types, transplants, reversals and sales."""
    known = {row["id"]: row for row in rows["movement"]}
    facts = set(known) | {row["id"] for row in rows["photo count"] + rows["hand count"]}
    halves, reversed_once = defaultdict(list), set()
    for move in rows["movement"]:
        name, kind, plants = f"movement {move['id']}", move["type"], move["plants"]
        if move["at"] > move["recorded"]:
            yield f"{name}: took effect after it was recorded"
        if move["transfer"]:
            halves[move["transfer"]].append(plants)
        if (kind == "transplante") != bool(move["transfer"]):
            yield f"{name}: {kind} and transfer do not fit"
        if move["late_fact"] and move["late_fact"] not in facts:
            yield f"{name}: its late fact is not there"
        if move["corrects"] and (kind != "ajuste" or move["corrects"] not in known):
            yield f"{name}: corrects nothing that is there"
        if move["unit_price"] is not None and move["total_price"] != -plants * move["unit_price"]:
            yield f"{name}: the total is not price times plants"
        if not move["reverses"]:
            if (kind in COMES and plants < 0) or (kind in GOES and plants > 0 and not move["month"]):
                yield f"{name}: {kind} of {plants}"
            continue
        other = known.get(move["reverses"])
        if move["reverses"] in reversed_once:
            yield f"movement {move['reverses']}: taken back twice"
        reversed_once.add(move["reverses"])
        if not other or (other["plants"], other["batch"], other["type"]) != (-plants, move["batch"], kind):
            yield f"{name}: is not the opposite of what it takes back"
    for transfer, plants in halves.items():
        if sum(plants) != 0 or len(plants) < 2:
            yield f"transplant {transfer}: adds up to {sum(plants)}"


def counts(rows):
    """What was counted is what stood, where no other count of the same instant is."""
    kind = {row["id"]: (row["product"], row["packaging"]) for row in rows["batch"]}
    by_bed, instants, lines = defaultdict(list), defaultdict(int), set()
    for move in rows["movement"]:
        by_bed[move["location"]].append((move["at"], kind.get(move["batch"]), move["plants"]))
        lines |= {move["photo"], move["id"]}
    for row in rows["photo count"] + rows["hand count"]:
        instants[row["location"], row["at"]] += 1
    for row in rows["photo count"] + rows["hand count"]:
        by_hand = row["line"] == "hand count"
        # A photo that an earlier version passed over left no line; a hand count of one is its line.
        unsaid = row["id"] in lines if by_hand else row["superseded"] and row["id"] not in lines
        if instants[row["location"], row["at"]] > 1 or unsaid:
            continue
        stood = sum(plants for at, of, plants in by_bed[row["location"]]
                    if at <= row["at"] and (not by_hand or speaks_of(row, of)))
        if stood != row["plants"]:
            yield f"{row['line']} {row['id']}: counted {row['plants']}, {stood} stood"


def speaks_of(count, kind):
    """Whether a count by hand speaks of plants of a product in a packaging."""
    product, packaging = kind or (None, None)
    return product == count["product"] and (count["covers"] == "product" or packaging == count["packaging"])


def main():
    if len(sys.argv) not in (2, 3):
        raise SystemExit(__doc__)
    rows, head = read(sys.argv[1])
    if len(sys.argv) == 3 and sys.argv[2] != head:
        raise SystemExit(f"not the file that was written: its head is {head}")
    faults = [fault for check in (batches_and_balances, movements, counts) for fault in check(rows)]
    print("\n".join(faults[:100] + [f"head: {head}"]))
    if faults:
        raise SystemExit(f"{len(faults)} faults")
    print(f"true: {len(rows['movement'])} movements of {len(rows['batch'])} batches, "
          f"{len(rows['photo count']) + len(rows['hand count'])} counts")


if __name__ == "__main__":
    main()
