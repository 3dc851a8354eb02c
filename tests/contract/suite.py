"""What an exchange may rely on in any gateway. Each function is one promise; all run over the real and the fake one."""

import asyncio

from drivers.link import messages as m
from drivers.link.causes import NO_CIRCUIT_AVAILABLE
from tests.contract.peer import Link, Peer, Person

TAG = m.Tag("call-7", "2", "agent")


async def answered(peer: Peer, link: Link, number: str = "13800138000") -> tuple[Person, str]:
    """Let a caller come in and answer; returns who it is and the channel."""
    person = await peer.call_in(number)
    channel = (await link.event(m.Offered)).channel
    link.order(m.Answer, channel=channel)
    await link.event(m.Answered, channel=channel)
    return person, channel


async def dialled(peer: Peer, link: Link, number: str = "201") -> tuple[Person, str]:
    """Dial a telephone that answers; returns who it is and the channel."""
    await peer.telephone(number, "answer")
    channel = dial(link, number)
    await link.event(m.Answered, channel=channel)
    return await peer.at_telephone(number), channel


def dial(link: Link, number: str, timeout_s: float = 20) -> str:
    """Order a call to an extension; returns the channel."""
    channel = f"{link.hello.epoch}.dialled.{len(link.events)}.{number}"
    link.order(m.Dial, channel=channel, target=m.ToExtension(number), tag=TAG, timeout_s=timeout_s)
    return channel


# ---- calls -----------------------------------------------------------------------------------------------------------


async def a_call_is_offered_once_with_its_source_and_number(peer: Peer, link: Link) -> None:
    await peer.call_in("13912345678")
    offered = await link.event(m.Offered)
    assert offered.source.startswith(peer.source)
    assert offered.caller_number == "13912345678"
    await link.settled()
    assert link.of(offered.channel) == ["Offered"]


async def answering_twice_is_told_once(peer: Peer, link: Link) -> None:
    _, channel = await answered(peer, link)
    link.order(m.Ring, channel=channel)
    await link.settled()
    assert link.of(channel) == ["Offered", "Answered"]


async def a_party_that_hangs_up_ends_its_channel_with_hungup_as_the_last_word(peer: Peer, link: Link) -> None:
    person, channel = await answered(peer, link)
    link.order(m.Play, channel=channel, sounds=(peer.prompt(9),))
    link.order(m.Collect, channel=channel, first_s=60)
    await link.settled()
    await person.hang_up()
    hungup = await link.event(m.Hungup, channel=channel)
    assert (hungup.cause, hungup.by) == (16, "party")
    await asyncio.sleep(0.1)
    assert link.of(channel)[2:] == ["Finished", "Collected", "Hungup"]


async def the_exchange_hangs_up_for_its_own_cause(peer: Peer, link: Link) -> None:
    for state in ("offered", "answered"):
        if state == "offered":
            await peer.call_in("1")
            channel = (await link.event(m.Offered)).channel
        else:
            _, channel = await answered(peer, link)
        link.order(m.Hangup, channel=channel, cause=31)
        hungup = await link.event(m.Hungup, channel=channel)
        assert (hungup.cause, hungup.by) == (31, "exchange")


async def a_dialled_telephone_rings_and_answers(peer: Peer, link: Link) -> None:
    _, channel = await dialled(peer, link)
    assert link.of(channel) in (["Ringing", "Answered"], ["Answered"])


async def a_busy_telephone_is_hungup_with_its_cause(peer: Peer, link: Link) -> None:
    await peer.telephone("201", "refuse")
    channel = dial(link, "201")
    hungup = await link.event(m.Hungup, channel=channel)
    assert (hungup.cause, hungup.by) == (17, "party")


async def who_does_not_answer_in_time_is_given_up_with_cause_19(peer: Peer, link: Link) -> None:
    await peer.telephone("201", "ring")
    channel = dial(link, "201", timeout_s=0.5)
    await link.event(m.Ringing, channel=channel)
    hungup = await link.event(m.Hungup, channel=channel)
    assert (hungup.cause, hungup.by) == (19, "gateway")


async def hold_and_resume_are_told(peer: Peer, link: Link) -> None:
    person, channel = await dialled(peer, link)
    await person.hold()
    await link.event(m.Held, channel=channel)
    await person.resume()
    await link.event(m.Resumed, channel=channel)


async def the_exchange_holds_and_resumes_as_a_party_does(peer: Peer, link: Link) -> None:
    _, one = await answered(peer, link)
    _, other = await dialled(peer, link)
    link.order(m.Connect, channel=one, other=other)
    await link.event(m.Connected, channel=one)
    for _ in range(2):
        link.order(m.Hold, channel=other)
    assert (await link.event(m.Held, channel=other)).by == "exchange"
    link.order(m.Play, channel=one, sounds=(peer.prompt(0.1),))
    assert (await link.event(m.Finished, channel=one)).reason == "played"
    for _ in range(2):
        link.order(m.Resume, channel=other)
    await link.event(m.Resumed, channel=other)
    await link.settled()
    told = link.of(other)
    assert (told.count("Held"), told.count("Resumed"), told.count("Disconnected")) == (1, 1, 0)


async def a_hold_of_the_party_outlives_that_of_the_exchange(peer: Peer, link: Link) -> None:
    _, one = await answered(peer, link)
    person, other = await dialled(peer, link)
    link.order(m.Connect, channel=one, other=other)
    await link.event(m.Connected, channel=one)
    await person.hold()
    assert (await link.event(m.Held, channel=other)).by == "party"
    link.order(m.Hold, channel=other)
    assert (await link.event(m.Held, channel=other)).by == "exchange"
    link.order(m.Resume, channel=other)
    assert (await link.event(m.Held, channel=other)).by == "party"
    await person.resume()
    await link.event(m.Resumed, channel=other)


async def who_is_parted_is_on_hold_no_more(peer: Peer, link: Link) -> None:
    _, one = await answered(peer, link)
    _, other = await dialled(peer, link)
    link.order(m.Connect, channel=one, other=other)
    await link.event(m.Connected, channel=one)
    link.order(m.Hold, channel=other)
    await link.event(m.Held, channel=other)
    link.order(m.Disconnect, channel=one)
    await link.event(m.Resumed, channel=other)
    assert link.of(other)[-1] == "Resumed" or link.of(one)[-1] == "Disconnected"


async def nobody_is_put_on_hold_who_talks_with_nobody(peer: Peer, link: Link) -> None:
    _, channel = await answered(peer, link)
    order = link.order(m.Hold, channel=channel)
    assert (await link.event(m.Refused, command=order)).code == "wrong-state"


async def nothing_is_flashed_but_a_line_that_may_be(peer: Peer, link: Link) -> None:
    _, channel = await answered(peer, link)
    order = link.order(m.Flash, channel=channel)
    assert (await link.event(m.Refused, command=order)).code == "wrong-state"
    await link.settled()
    assert "Hungup" not in link.of(channel)


async def a_blind_transfer_is_only_told_and_the_party_told_its_end(peer: Peer, link: Link) -> None:
    person, channel = await dialled(peer, link)
    for cause in (17, 0):
        await person.transfer("202")
        assert (await link.event(m.Transferring, channel=channel)).number == "202"
        await link.settled()
        assert "Hungup" not in link.of(channel)
        link.order(m.ConcludeTransfer, channel=channel, cause=cause)
        assert await person.transferred() == (cause == 0)


async def a_transfer_after_a_consultation_names_the_channel_of_that(peer: Peer, link: Link) -> None:
    person, channel = await dialled(peer, link, "201")
    consulted, other = await dialled(peer, link, "201")
    await person.transfer("202", consulted)
    told = await link.event(m.Transferring, channel=channel)
    assert (told.number, told.replaces) == ("202", other)
    link.order(m.ConcludeTransfer, channel=channel)
    assert await person.transferred()


async def the_end_of_a_transfer_nobody_asked_for_is_no_error(peer: Peer, link: Link) -> None:
    person, channel = await dialled(peer, link)
    orders = [link.order(m.ConcludeTransfer, channel=channel, cause=17)]
    await link.settled()
    await person.transfer("202")
    await link.event(m.Transferring, channel=channel)
    orders += [link.order(m.ConcludeTransfer, channel=channel, cause=cause) for cause in (0, 17)]
    assert await person.transferred()
    await link.settled()
    assert not {event.command for event in link.events if isinstance(event, m.Refused)} & {*orders}


async def a_transfer_without_an_end_ends_with_the_channel(peer: Peer, link: Link) -> None:
    person, channel = await dialled(peer, link)
    await person.transfer("202")
    await link.event(m.Transferring, channel=channel)
    link.order(m.Hangup, channel=channel)
    assert not await person.transferred()
    await link.event(m.Hungup, channel=channel)


async def a_party_that_asks_for_a_transfer_and_hangs_up_did_both_in_that_order(peer: Peer, link: Link) -> None:
    person, channel = await dialled(peer, link)
    await person.transfer("202")
    await person.hang_up()
    await link.event(m.Hungup, channel=channel)
    assert link.of(channel)[-2:] == ["Transferring", "Hungup"]


# ---- sounds and digits -----------------------------------------------------------------------------------------------


async def a_play_finishes_by_itself_or_is_stopped(peer: Peer, link: Link) -> None:
    _, channel = await answered(peer, link)
    for sounds, loop, stop, reason in (
        ((peer.prompt(0.2), m.Silence(0.1), m.Tone("beep")), False, False, "played"),
        ((peer.prompt(9),), False, True, "stopped"),
        ((peer.prompt(0.1),), True, True, "stopped"),
        ((m.Tone("ringback"),), False, True, "stopped"),
    ):
        play = link.order(m.Play, channel=channel, sounds=sounds, loop=loop)
        if stop:
            await asyncio.sleep(0.3)
            link.order(m.StopPlay, channel=channel)
        finished = await link.event(m.Finished, channel=channel)
        assert (finished.command, finished.reason) == (play, reason)


async def a_new_play_stops_the_one_before(peer: Peer, link: Link) -> None:
    _, channel = await answered(peer, link)
    first = link.order(m.Play, channel=channel, sounds=(peer.prompt(9),))
    second = link.order(m.Play, channel=channel, sounds=(peer.prompt(0.2),))
    assert (await link.event(m.Finished)).command == first
    finished = await link.event(m.Finished)
    assert (finished.command, finished.reason) == (second, "played")


async def stopping_what_is_not_played_is_no_error(peer: Peer, link: Link) -> None:
    _, channel = await answered(peer, link)
    stop = link.order(m.StopPlay, channel=channel)
    await link.settled()
    assert stop not in {event.command for event in link.events if isinstance(event, m.Refused)}


async def a_key_ends_a_play_that_allows_it_and_no_other(peer: Peer, link: Link) -> None:
    person, channel = await answered(peer, link)
    play = link.order(m.Play, channel=channel, sounds=(peer.prompt(0.8),))
    await link.settled()
    await person.press("1")
    await link.event(m.Digit, digit="1")
    assert (await link.event(m.Finished, command=play)).reason == "played"
    link.order(m.Collect, channel=channel)  # takes the key typed
    await link.event(m.Collected, digits="1")
    play = link.order(m.Play, channel=channel, sounds=(peer.prompt(9),), barge_in=True)
    await link.settled()
    await person.press("2")
    assert (await link.event(m.Finished, command=play)).reason == "digit"


async def a_collect_ends_when_full_or_at_its_last_key(peer: Peer, link: Link) -> None:
    person, channel = await answered(peer, link)
    for keys, most, digits, reason in (("12", 2, "12", "full"), ("3#", 9, "3", "until"), ("#", 3, "", "until")):
        collect = link.order(m.Collect, channel=channel, max_digits=most, first_s=5, next_s=5)
        await link.settled()
        for key in keys:
            await person.press(key)
        collected = await link.event(m.Collected, command=collect)
        assert (collected.digits, collected.reason) == (digits, reason)


async def a_collect_ends_by_time_with_what_there_is(peer: Peer, link: Link) -> None:
    person, channel = await answered(peer, link)
    collect = link.order(m.Collect, channel=channel, max_digits=4, first_s=0.2)
    collected = await link.event(m.Collected, command=collect)
    assert (collected.digits, collected.reason) == ("", "timeout")
    collect = link.order(m.Collect, channel=channel, max_digits=4, first_s=5, next_s=0.2)
    await link.settled()
    await person.press("7")
    collected = await link.event(m.Collected, command=collect)
    assert (collected.digits, collected.reason) == ("7", "timeout")


async def the_first_key_is_waited_for_from_the_end_of_the_prompt(peer: Peer, link: Link) -> None:
    _, channel = await answered(peer, link)
    play = link.order(m.Play, channel=channel, sounds=(peer.prompt(0.6),))
    collect = link.order(m.Collect, channel=channel, first_s=0.2)
    finished = await link.event(m.Finished, command=play)
    collected = await link.event(m.Collected, command=collect)
    assert 0.1 < collected.at_s - finished.at_s < 0.5


async def keys_typed_ahead_are_collected_first(peer: Peer, link: Link) -> None:
    person, channel = await answered(peer, link)
    for key in "456":
        await person.press(key)
    await link.event(m.Digit, digit="6")
    collect = link.order(m.Collect, channel=channel, max_digits=2)
    assert (await link.event(m.Collected, command=collect)).digits == "45"
    collect = link.order(m.Collect, channel=channel, max_digits=1)
    assert (await link.event(m.Collected, command=collect)).digits == "6"


async def a_second_collect_stops_the_first(peer: Peer, link: Link) -> None:
    _, channel = await answered(peer, link)
    first = link.order(m.Collect, channel=channel, first_s=9)
    link.order(m.Collect, channel=channel, first_s=9)
    collected = await link.event(m.Collected)
    assert (collected.command, collected.reason) == (first, "stopped")


# ---- who hears whom --------------------------------------------------------------------------------------------------


async def connecting_stops_what_was_played_and_is_told_when_it_is_so(peer: Peer, link: Link) -> None:
    _, one = await answered(peer, link)
    _, other = await dialled(peer, link)
    music = link.order(m.Play, channel=one, sounds=(peer.prompt(0.5),), loop=True)
    link.order(m.Connect, channel=one, other=other)
    assert (await link.event(m.Finished, command=music)).reason == "stopped"
    connected = await link.event(m.Connected)
    assert {connected.channel, connected.other} == {one, other}
    await link.settled()
    assert link.of(one).count("Connected") + link.of(other).count("Connected") == 1


async def a_third_party_parts_the_former_two(peer: Peer, link: Link) -> None:
    _, one = await answered(peer, link)
    _, other = await dialled(peer, link, "201")
    _, third = await dialled(peer, link, "202")
    link.order(m.Connect, channel=one, other=other)
    await link.event(m.Connected)
    link.order(m.Connect, channel=one, other=third)
    parted = await link.event(m.Disconnected)
    assert {parted.channel, parted.other} == {one, other}
    connected = await link.event(m.Connected)
    assert {connected.channel, connected.other} == {one, third}


async def parting_leaves_both_answered(peer: Peer, link: Link) -> None:
    _, one = await answered(peer, link)
    _, other = await dialled(peer, link)
    link.order(m.Connect, channel=one, other=other)
    await link.event(m.Connected)
    link.order(m.Disconnect, channel=other)
    await link.event(m.Disconnected)
    link.order(m.Disconnect, channel=other)  # once more changes nothing
    await link.settled()
    assert not {"Hungup"} & {*link.of(one), *link.of(other)}
    assert link.of(one).count("Disconnected") + link.of(other).count("Disconnected") == 1


async def one_partys_hangup_parts_but_does_not_end_the_other(peer: Peer, link: Link) -> None:
    _, one = await answered(peer, link)
    agent, other = await dialled(peer, link)
    link.order(m.Connect, channel=one, other=other)
    await link.event(m.Connected)
    await agent.hang_up()
    hungup = await link.event(m.Hungup, channel=other)
    parted = await link.event(m.Disconnected)
    assert parted.seq < hungup.seq
    play = link.order(m.Play, channel=one, sounds=(peer.prompt(0.2),))
    assert (await link.event(m.Finished, command=play)).reason == "played"


async def a_recording_is_told_at_its_begin_and_closed_before_hungup(peer: Peer, link: Link) -> None:
    person, channel = await answered(peer, link)
    path = str(peer.folder / "recordings/2026/03/02/contract.wav")
    link.order(m.Record, channel=channel, path=path)
    assert (await link.event(m.Recording, channel=channel)).path == path
    await asyncio.sleep(0.3)
    await person.hang_up()
    hungup = await link.event(m.Hungup, channel=channel)
    recorded = await link.event(m.Recorded, channel=channel)
    assert recorded.seq < hungup.seq
    assert (recorded.path, recorded.duration_s > 0.1) == (path, True)


# ---- lines -----------------------------------------------------------------------------------------------------------


async def plugged_in(peer: Peer, link: Link) -> None:
    """Provide the gateway with lines 1 and 2, both idle."""
    peer.plug_in()
    link.order(m.Provision, country="CN", lines=(1, 2), users=(), trunks=(), rtp_first=20000, rtp_last=20100)
    await link.event(m.Provisioned)
    for line in (1, 2):
        await link.event(m.LineChanged, line=line, state="idle")


async def a_test_of_a_line_ends_with_what_was_found_and_the_line_idle(peer: Peer, link: Link) -> None:
    await plugged_in(peer, link)
    test = link.order(m.TestLine, line=1)
    again = link.order(m.TestLine, line=1)
    assert (await link.event(m.Refused, command=again)).code == "wrong-state"
    await link.event(m.LineChanged, line=1, state="testing")
    tested = await link.event(m.LineTested, timeout_s=20, command=test)
    assert (tested.line, tested.outcome) == (1, "done")
    assert [finding.name for finding in tested.findings][:2] == ["battery", "dial_tone"]
    assert {finding.verdict for finding in tested.findings} == {"good"}
    await link.event(m.LineChanged, line=1, state="idle")


async def a_call_out_ends_the_test_of_its_line_and_goes_on(peer: Peer, link: Link) -> None:
    await plugged_in(peer, link)
    test = link.order(m.TestLine, line=2)
    await link.event(m.LineChanged, line=2, state="testing")
    channel = f"{link.hello.epoch}.tested"
    link.order(m.Dial, channel=channel, target=m.ToLine(2, "10086"), tag=TAG)
    assert (await link.event(m.LineTested, command=test)).outcome == "out"
    await link.event(m.LineChanged, line=2, state="in_use")
    link.order(m.Hangup, channel=channel)
    await link.event(m.Hungup, channel=channel, by="exchange")
    await link.event(m.LineChanged, line=2, state="idle")


async def a_line_that_another_telephone_has_is_not_seized_until_that_is_put_down(peer: Peer, link: Link) -> None:
    await plugged_in(peer, link)
    await peer.parallel(1, lifted=True)
    await link.event(m.LineChanged, line=1, state="parallel")
    channel = f"{link.hello.epoch}.parallel"
    link.order(m.Dial, channel=channel, target=m.ToLine(1, "10086"), tag=TAG)
    assert (await link.event(m.Hungup, channel=channel)).cause == NO_CIRCUIT_AVAILABLE
    test = link.order(m.TestLine, line=1)
    assert (await link.event(m.LineTested, command=test)).outcome == "parallel"
    await peer.parallel(1, lifted=False)
    await link.event(m.LineChanged, line=1, state="idle")


async def a_line_learns_until_it_is_told_to_stop(peer: Peer, link: Link) -> None:
    await plugged_in(peer, link)
    learn = link.order(m.LearnTone, line=1)
    step = await link.event(m.LineLearning, command=learn)
    assert (step.line, step.step, step.heard) == (1, "waiting", "")
    again = link.order(m.LearnTone, line=1)
    assert (await link.event(m.Refused, command=again)).code == "wrong-state"
    link.order(m.StopLearning, line=1)
    ended = await link.event(m.ToneLearnt, command=learn)
    assert (ended.outcome, ended.tone) == ("stopped", "")


async def a_line_that_is_not_configured_is_not_tested(peer: Peer, link: Link) -> None:
    order = link.order(m.TestLine, line=77)
    assert (await link.event(m.Refused, command=order)).code == "no-such-channel"


# ---- the link --------------------------------------------------------------------------------------------------------


async def events_are_numbered_one_by_one(peer: Peer, link: Link) -> None:
    person, channel = await answered(peer, link)
    await person.press("1")
    await person.hang_up()
    await link.event(m.Hungup, channel=channel)
    seqs = [event.seq for event in link.events]
    assert seqs == list(range(seqs[0], seqs[0] + len(seqs)))
    assert seqs[0] <= link.snapshot.seq + 1


async def an_order_is_carried_out_once_however_often_it_comes(peer: Peer, link: Link) -> None:
    _, channel = await answered(peer, link)
    play = m.Play(id=f"once-{channel}", channel=channel, sounds=(peer.prompt(0.2),))
    link.send(play)
    await link.event(m.Finished, command=play.id)
    again = await Link.over(peer)
    again.send(play)
    await again.settled()
    await asyncio.sleep(0.3)
    finished = [event for event in again.events if getattr(event, "command", "") == play.id]
    assert len(finished) == 1  # told again, not done again
    again.order(m.Hangup, channel=channel)
    await again.event(m.Hungup, channel=channel)
    again.close()


async def an_unknown_channel_is_refused(peer: Peer, link: Link) -> None:
    order = link.order(m.Play, channel="nobody", sounds=(peer.prompt(0.2),))
    refused = await link.event(m.Refused, command=order)
    assert (refused.code, refused.channel) == ("no-such-channel", "nobody")


async def what_needs_a_talk_is_refused_before_the_answer(peer: Peer, link: Link) -> None:
    await peer.call_in("1")
    channel = (await link.event(m.Offered)).channel
    _, other = await dialled(peer, link)
    order = link.order(m.Connect, channel=channel, other=other)
    assert (await link.event(m.Refused, command=order)).code == "wrong-state"


async def what_is_no_channel_of_a_span_is_handed_back_to_nobody_and_talks_on(peer: Peer, link: Link) -> None:
    _, one = await answered(peer, link)
    _, other = await dialled(peer, link)
    link.order(m.Connect, channel=one, other=other)
    await link.event(m.Connected)
    order = link.order(m.HandBack, channel=one, other=other)
    assert (await link.event(m.Refused, command=order)).code == "wrong-state"
    order = link.order(m.HandBack, channel=one, other="nobody")
    assert (await link.event(m.Refused, command=order)).code == "no-such-channel"
    await link.settled()
    assert not [event for event in link.events if isinstance(event, m.Hungup | m.Disconnected | m.HandedBack)]


async def the_newest_exchange_takes_over_and_sees_what_is(peer: Peer, link: Link) -> None:
    _, one = await answered(peer, link)
    _, other = await dialled(peer, link)
    link.order(m.Claim, channel=one, tag=TAG)
    link.order(m.Connect, channel=one, other=other)
    await link.event(m.Connected)
    await link.settled()
    newer = await Link.over(peer)
    await link.end()
    assert newer.hello.epoch == link.hello.epoch
    states = {state.channel: state for state in newer.snapshot.channels}
    assert (states[one].state, states[one].tag, states[one].connected) == ("answered", TAG, other)
    assert (states[other].tag, states[other].target) == (TAG, "extension:201")
    for channel in (one, other):
        newer.order(m.Hangup, channel=channel)
        await newer.event(m.Hungup, channel=channel)
    newer.close()


async def what_is_acknowledged_is_not_told_again_and_all_else_is(peer: Peer, link: Link) -> None:
    person, channel = await answered(peer, link)
    await person.press("5")
    await link.event(m.Digit)
    answer = next(event for event in link.events if isinstance(event, m.Answered))
    link.send(m.Ack(seq=answer.seq))
    await link.settled()
    told = [event for event in link.events if event.seq > answer.seq]
    link.close()
    again = await Link.over(peer)
    await again.event(m.Digit)
    await again.settled()
    assert again.events[: len(told)] == told
    assert again.snapshot.seq >= told[-1].seq
    again.order(m.Hangup, channel=channel)
    await again.event(m.Hungup, channel=channel)
    again.close()


async def without_an_exchange_a_talk_ends_with_its_party(peer: Peer, link: Link) -> None:
    person, one = await answered(peer, link)
    _, other = await dialled(peer, link)
    link.order(m.Connect, channel=one, other=other)
    await link.event(m.Connected)
    link.close()
    await asyncio.sleep(0.2)
    await person.hang_up()
    async with asyncio.timeout(5):
        while (again := await Link.over(peer)).snapshot.channels:
            again.close()
            await asyncio.sleep(0.1)    # a line's far end that hung up is heard to have, by and by
    ends = [await again.event(m.Hungup, channel=channel) for channel in (one, other)]
    assert [end.by for end in ends] == ["party", "gateway"]
    again.close()


async def without_an_exchange_who_asks_for_a_transfer_and_hangs_up_ends_no_talk(peer: Peer, link: Link) -> None:
    _, one = await answered(peer, link)
    person, other = await dialled(peer, link)
    link.order(m.Connect, channel=one, other=other)
    await link.event(m.Connected)
    link.close()
    await asyncio.sleep(0.2)
    await person.transfer("202")
    await person.hang_up()
    await asyncio.sleep(0.2)
    again = await Link.over(peer)
    assert [state.channel for state in again.snapshot.channels] == [one]
    assert (await again.event(m.Transferring)).channel == other
    again.order(m.Hangup, channel=one)
    await again.event(m.Hungup, channel=one)
    again.close()


STEPS = ("answered", "dialled", "plugged_in")
CHECKS = [
    check
    for name, check in list(globals().items())
    if asyncio.iscoroutinefunction(check) and check.__module__ == __name__ and name not in STEPS
]
TRANSFERS = [check for check in CHECKS if "transfer" in check.__name__]  # by REFER
LINES = [check for check in CHECKS if "_line_" in check.__name__ or "its_line" in check.__name__]  # of themselves
