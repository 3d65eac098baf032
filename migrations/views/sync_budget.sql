-- How much of each rate budget is left and assumed, what was called and refused, and why nothing is called.
-- Repeats the arithmetic of syncd/core/rate_limit/budget.py; a property test proves that both agree.
-- Runs with its owner's rights, for whoever reads it has none on schema syncd; shows only what its reader may see.
create or replace view recall.sync_budget with (security_barrier = true) as
select
    budget.workspace,
    budget.route,
    budget.limit_per_minute,
    round(state.assumed_limit)::integer as assumed_limit,
    case when state.paused_until is null
        then greatest(0, least(state.tokens, floor(state.assumed_limit) - call_log.occupied))::integer
        else 0
    end as available,
    state.paused_until,
    case
        when state.paused_until is null then null
        when breaker.paused_until = state.paused_until then breaker.pause_reason
        when list.paused_until = state.paused_until then list.pause_reason
        else 'Recall throttled the calls (429)'
    end as pause_reason,
    call_log.calls_last_minute,
    call_log.calls_last_hour,
    call_log.throttled_last_minute,
    call_log.throttled_last_hour
from syncd.budgets as budget
left join syncd.workspaces as breaker using (workspace)
left join syncd.list_states as list on list.workspace = budget.workspace and budget.route = 'list'
cross join lateral (
    select
        least(
            budget.limit_per_minute,
            coalesce(
                budget.reduced_limit + 0.02 * budget.limit_per_minute * greatest(
                    0,
                    extract(epoch from clock_timestamp() - greatest(budget.throttled_at, budget.paused_until)) / 60
                ),
                budget.limit_per_minute
            )
        ) as assumed_limit,
        floor(least(
            greatest(1, budget.limit_per_minute / 30.0),
            budget.tokens + budget.limit_per_minute / 60.0
                * greatest(0, extract(epoch from clock_timestamp() - budget.refreshed_at))
        )) as tokens,
        case when greatest(budget.paused_until, breaker.paused_until, list.paused_until) > clock_timestamp()
            then greatest(budget.paused_until, breaker.paused_until, list.paused_until)
        end as paused_until
) as state
cross join lateral (
    select
        count(*) filter (where call.over_at > clock_timestamp() - interval '60.5 seconds') as occupied,
        count(*) filter (where call.paid_at > clock_timestamp() - interval '1 minute') as calls_last_minute,
        count(*) as calls_last_hour,
        count(*) filter (
            where call.is_throttled and call.over_at > clock_timestamp() - interval '1 minute'
        ) as throttled_last_minute,
        count(*) filter (where call.is_throttled) as throttled_last_hour
    from syncd.calls as call
    where call.workspace = budget.workspace
      and call.route = budget.route
      and call.over_at > clock_timestamp() - interval '1 hour'
) as call_log
where recall.sees_workspace(budget.workspace);
