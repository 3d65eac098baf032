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
select t.transcript_id, t.provider, round((max(u.end_s) / 60)::numeric, 1) as minutes, t.word_count as words
from recall.transcripts t join recall.utterances u using (transcript_id)
group by t.transcript_id
order by max(u.end_s) desc nulls last
limit 5""",
    ),
    Question(
        "Who talked the most?",
        """\
select speaker, count(distinct transcript_id) as meetings, count(*) as turns,
       round((sum(end_s - start_s) / 60)::numeric, 1) as minutes
from recall.utterances
group by speaker
order by 4 desc nulls last
limit 5""",
    ),
    Question(
        "Where was the budget mentioned?",
        """\
select speaker, round(start_s::numeric) as at_second, left(text, 70) as text
from recall.utterances
where text ~* '\\mbudget'
order by transcript_id, position
limit 5""",
    ),
)
