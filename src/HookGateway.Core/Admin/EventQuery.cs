using System.Globalization;
using HookGateway.Events;
using HookGateway.Store;
using Microsoft.AspNetCore.Http;

namespace HookGateway.Admin;

/// <summary>The query of <c>GET /api/v1/events</c>. A misspelt parameter is a fault: ignored, it would list everything.</summary>
internal sealed record EventQuery(EventFilter Filter, string? Cursor, int Limit)
{
    private const int LongestLimit = 1000;

    /// <exception cref="FormatException">It cannot be read; the message says what is wrong.</exception>
    public static EventQuery Read(IQueryCollection query)
    {
        var read = new EventQuery(new EventFilter(), Cursor: null, Limit: 100);
        foreach (var (name, values) in query)
        {
            var value = values is [{ Length: > 0 } one] ? one : throw new FormatException($"'{name}' needs one value.");
            read = name switch
            {
                "source" => read with { Filter = read.Filter with { Source = value } },
                "event" => read with { Filter = read.Filter with { Event = value } },
                "state" => read with { Filter = read.Filter with { State = State(value) } },
                "destination" => read with { Filter = read.Filter with { Destination = value } },
                "key" => read with { Filter = read.Filter with { Key = value } },
                "from" => read with { Filter = read.Filter with { From = Time(name, value) } },
                "to" => read with { Filter = read.Filter with { To = Time(name, value) } },
                "limit" => read with { Limit = Number(value) },
                "cursor" => read with { Cursor = value },
                _ => throw new FormatException($"There is no parameter '{name}'."),
            };
        }

        return read;
    }

    private static EventState State(string value)
    {
        foreach (var state in Enum.GetValues<EventState>())
        {
            if (EventView.Word(state) == value)
                return state;
        }

        throw new FormatException($"'{value}' is no state: {string.Join(", ", Enum.GetValues<EventState>().Select(EventView.Word))}.");
    }

    private static DateTimeOffset Time(string name, string value) =>
        DateTimeOffset.TryParse(value, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time)
            ? time
            : throw new FormatException($"'{name}' needs a time as in 2026-03-01T12:00:00Z.");

    private static int Number(string value) =>
        int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var limit) && limit is >= 1 and <= LongestLimit
            ? limit
            : throw new FormatException($"'limit' is a number from 1 to {LongestLimit}.");
}
