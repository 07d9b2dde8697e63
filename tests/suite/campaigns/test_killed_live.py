"""Workers that are killed while they send: `CRM_CAMPAIGN` people (200), at each verb of SMTP.

A killed worker leaves a claim of at most ten people. When its lease is over, who of them was
handed over or not nobody knows: they are `uncertain`, and the others get their mail.
"""

from __future__ import annotations

import os

from testing.patience import eventually
from tests.support.campaigning import LONG, CampaignScene
from tests.support.processes import kill

NUMBER = int(os.environ.get("CRM_CAMPAIGN", "200"))

CLAIMED = 10

KILLS = (
    # At the nth such verb from when the campaign begins, or from the kill before.
    ("EHLO", 1),
    ("MAIL", 3),
    ("RCPT", 7),
    ("DATA", 14),
    ("DOT", 11),
    ("KEPT", 5),
    ("MAIL", 25),
    ("KEPT", 33),
)
"""`KEPT`: the server has the mail, and its answer has not left."""


def test_killed_at_every_verb_everybody_is_in_one_state_and_nobody_has_two_mails(
    scene: CampaignScene,
) -> None:
    scene.gather(NUMBER)
    campaign_id = scene.save()
    server, killer = scene.post.server, scene.post.killer
    server.end_connections()
    struck = killer.at(*KILLS[0])
    scene.send(campaign_id)
    with scene.adding_up(campaign_id):
        for following in (*KILLS[1:], None):
            struck()
            # At once: the queue comes again after two seconds at least, and claims others then.
            scene.let_the_claims_run_out(campaign_id)
            if following:
                struck = killer.at(*following)
        scene.until(campaign_id, "done", seconds=2 * LONG)
    outcome = scene.prove(campaign_id, NUMBER)
    assert outcome["accepted"] + outcome["uncertain"] == NUMBER
    assert outcome["uncertain"] <= CLAIMED * len(KILLS)
    for one in scene.recipients(campaign_id, "uncertain"):
        assert one["reason"] == "worker-lost"
        assert len(scene.post.mails_to(one["email"])) <= 1


def test_a_worker_killed_while_the_audience_is_fixed_loses_and_doubles_nobody(
    scene: CampaignScene,
) -> None:
    scene.gather(NUMBER)
    campaign_id = scene.save()
    scene.send(campaign_id)

    def is_preparing() -> None:
        assert scene.campaign(campaign_id)["state"] in ("preparing", "sending", "done")

    eventually(is_preparing)
    killed = kill(scene.post.suite, "worker")
    scene.let_the_claims_run_out(campaign_id)
    scene.until(campaign_id, "done", seconds=2 * LONG)
    outcome = scene.prove(campaign_id, NUMBER)
    assert outcome["accepted"] + outcome["uncertain"] == NUMBER
    assert outcome["uncertain"] <= CLAIMED * killed
