"""The meeting's own captions: no vendor, only caption events, or nothing at all."""

from recall_emulator.vendors.speech import Audio, Message, growing, joined, streamed

_SOURCE = "wss://captions.meeting.example"


def events(audio: Audio) -> list[Message]:
    """Return caption events: the line grows until it is final. Only the final one carries the whole turn."""
    messages = []
    for number, turn in enumerate(audio.turns):
        for words, is_final in growing(turn):
            caption = {
                "caption_id": number,
                "text": joined(words),
                "is_final": is_final,
                "language": turn.language,
                "participant_id": turn.speaker.participant_id,
                "timestamp": words[-1].end,
            }
            messages.append(streamed(_SOURCE, caption, words[-1].end))
    return messages


def nothing(_audio: Audio) -> list[Message]:
    """Return no message: some sources keep no record."""
    return []
