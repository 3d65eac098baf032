"""What an analyst may ask first: the queries that the demo shows with their answers."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Question:
    """A question in words and in SQL."""

    title: str
    sql: str


QUESTIONS = (
    Question(
        "How do the transcripts stand?",
        """\
select coalesce(status, '(not seen yet)') as status, sub_code, payload_state, count(*)
from recall.transcripts
group by 1, 2, 3
order by 4 desc, 1, 2""",
    ),
    Question(
        "Which meetings were the longest?",
        """\
select metadata ->> 'title' as title, provider, round((span_s / 60)::numeric, 1) as minutes, word_count as words
from recall.latest_transcripts
order by span_s desc nulls last
limit 5""",
    ),
    Question(
        "Who talked the most?",
        """\
select k.speaker, count(distinct transcript_id) as meetings, sum(k.turn_count) as turns,
       round((sum(k.talk_s) / 60)::numeric, 1) as minutes,
       round((60 * sum(k.word_count) / nullif(sum(k.talk_s), 0))::numeric) as words_per_minute
from recall.talk_time as k
join recall.latest_transcripts as l using (transcript_id)
where k.talk_s is not null
group by k.speaker
order by sum(k.talk_s) desc
limit 5""",
    ),
    Question(
        "Where was the budget mentioned?",
        """\
select speaker, round(start_s::numeric) as at_second, snippet
from recall.search('budget', max_results => 5)""",
    ),
    Question(
        "How sure were the providers of what they heard?",
        """\
select provider, count(*) as words, round(avg(confidence)::numeric, 3) as confidence
from recall.provider_words
where is_final and confidence is not null
group by provider
order by confidence""",
    ),
)
