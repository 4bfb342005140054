using System.Globalization;
using HookGateway.Events;
using HookGateway.Store;
using Microsoft.AspNetCore.Http;

namespace HookGateway.Admin;

/// <summary>The query of <c>GET /api/v1/events</c>. A misspelt parameter is a fault: ignored, it would list everything.</summary>
internal sealed record EventQuery(EventFilter Filter, string? Cursor, int Limit)
{
    private const int LongestLimit = 1000;

    /// <summary>What a query without parameters means.</summary>
    public static EventQuery Default { get; } = new(new EventFilter(), Cursor: null, Limit: 100);

    /// <exception cref="FormatException">It cannot be read; the message says what is wrong.</exception>
    public static EventQuery Read(IQueryCollection query)
    {
        var read = Default;
        foreach (var (name, values) in query)
        {
            var value = values is [{ Length: > 0 } one] ? one : throw new FormatException($"'{name}' needs one value.");
            read = name switch
            {
                "limit" => read with { Limit = Number(value) },
                "cursor" => read with { Cursor = value },
                _ => read with { Filter = With(read.Filter, name, value) ?? throw new FormatException($"There is no parameter '{name}'.") },
            };
        }

        return read;
    }

    /// <summary>A filter with one condition more; <see langword="null"/> where there is none of that name.</summary>
    /// <exception cref="FormatException">Its value cannot be read; the message says what is wrong.</exception>
    public static EventFilter? With(EventFilter filter, string name, string value) => name switch
    {
        "source" => filter with { Source = value },
        "event" => filter with { Event = value },
        "state" => filter with { State = State(value) },
        "destination" => filter with { Destination = value },
        "key" => filter with { Key = value },
        "from" => filter with { From = Time(name, value) },
        "to" => filter with { To = Time(name, value) },
        _ => null,
    };

    /// <summary>A filter's conditions, as <see cref="With"/> reads them.</summary>
    public static IReadOnlyDictionary<string, string> Write(EventFilter filter) => new (string Name, string? Value)[]
    {
        ("source", filter.Source),
        ("event", filter.Event),
        ("state", filter.State is { } state ? EventView.Word(state) : null),
        ("destination", filter.Destination),
        ("key", filter.Key),
        ("from", filter.From?.UtcDateTime.ToString("O", CultureInfo.InvariantCulture)),
        ("to", filter.To?.UtcDateTime.ToString("O", CultureInfo.InvariantCulture)),
    }.Where(condition => condition.Value is not null).ToDictionary(condition => condition.Name, condition => condition.Value!);

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
