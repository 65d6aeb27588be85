# Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
"""Faults of logs: records that are gone before or after they were read."""

import json
import re

# Exit code of a start that a restart does not mend.
CONFIG_CODE = 78
NODE = 0
# Of the nodes in fault 33: offsets.retention.minutes=1.
EXPIRY_SECONDS = 60


def input_deleted_unread(trial):
    """22: retention takes input records that nobody has read; whoever starts next stops with it."""
    trial.begin()
    trial.sleep(3)
    _stop_all(trial)
    trial.sleep(3)
    _delete_records(trial, f"{trial.application}-ids")
    _expect_end(trial, "records were deleted before they were read")


def changelog_cut(trial):
    """22: the changelog lost its records, and an instance comes without the state that they made."""
    trial.begin()
    trial.sleep(4)
    _stop_all(trial)
    changelog = f"{trial.application}-totals-changelog"
    # Only of such a topic the node deletes any.
    _set_policy(trial, changelog, "delete")
    _delete_records(trial, changelog)
    _set_policy(trial, changelog, "compact")
    trial.instances[0].wipe()
    _expect_end(trial, "records of the changelog were deleted")


def _delete_records(trial, topic):
    whole = {"partitions": [{"topic": topic, "partition": partition, "offset": -1}
                            for partition in range(4)], "version": 1}
    request = trial.directory / "delete.json"
    request.write_text(json.dumps(whole))
    trial.cluster.tool("org.apache.kafka.tools.DeleteRecordsCommand", "--offset-json-file",
                       str(request))


def _set_policy(trial, topic, policy):
    trial.cluster.alter_topic(topic, f"cleanup.policy={policy}")


def log_truncated(trial):
    """34: a node loses records that it had acknowledged; nobody goes on as if it had not."""
    trial.begin()
    trial.sleep(4)
    trial.await_fed()
    trial.sleep(3)
    _stop_all(trial)
    trial.cluster.kill(NODE)
    for log in trial.cluster.data(NODE).glob(f"{trial.application}-ids-*/*.log"):
        size = log.stat().st_size
        with open(log, "r+b") as file:
            file.truncate(size * 2 // 3)
        trial.count("logs cut")
    trial.cluster.start_nodes([NODE])
    _expect_end(trial, "the broker lost data")


def offsets_expire(trial):
    """33: the broker forgets offsets after a minute; an input at rest keeps its own."""
    trial.use_topology("two_inputs.yaml")
    instance = trial.add_instance()
    for name in ("first", "second"):
        trial.cluster.write(f"{trial.application}-{name}", "a record")
    instance.start()
    trial.await_true(lambda: len(_offsets(trial)) == 2, 30, "the inputs were not committed")
    trial.sleep(EXPIRY_SECONDS * 2)
    trial.check(len(_offsets(trial)) == 2, f"the group has offsets of {_offsets(trial)} only")
    trial.stop(instance)
    instance.start()
    trial.await_true(lambda: instance.metric("sidestream_assigned_tasks", '"active"') == 1, 30,
                     "the instance does not start again")
    trial.figures["s at rest"] = EXPIRY_SECONDS * 2


def _offsets(trial):
    """Input topics of which the group has offsets."""
    shown = trial.cluster.tool("org.apache.kafka.tools.consumer.group.ConsumerGroupCommand",
                               "--describe", "--group", trial.application)
    return sorted(set(re.findall(rf"{trial.application}-(first|second)\s+0\s+\d+", shown)))


def _stop_all(trial):
    for instance in trial.instances:
        trial.stop(instance)


def _expect_end(trial, reason):
    instance = trial.instances[0]
    instance.start()
    ended = instance.await_end(30)
    trial.check(ended == CONFIG_CODE, f"O8: ended with {ended}, not with {CONFIG_CODE}")
    trial.check(reason in instance.log(), f"O8: it did not say: {reason}")
    instance.kill()
