using HookGateway.Storage.Redis.Format;
using HookGateway.Store;
using StackExchange.Redis;

namespace HookGateway.Storage.Redis.Writing;

/// <summary>How a step of a coalescing key is told to a script: in the order in which <c>coalescing.lua</c> reads it.</summary>
internal static class StepArguments
{
    public static void Write(List<RedisValue> arguments, CoalesceStep step)
    {
        arguments.Add(step.Version);
        arguments.Add(StoreVersion.Draw());
        WriteState(arguments, step.State);
        arguments.Add(step.Number ?? RedisValue.EmptyString);
        arguments.Add(step.SupersededBy ?? RedisValue.EmptyString);
        arguments.Add(Time(step.KeepUntil));
        if (step.Release is { } release)
            WriteRelease(arguments, step.Source, release);
        else
            arguments.Add(RedisValue.EmptyString);
    }

    private static void WriteState(List<RedisValue> arguments, CoalescedState? state)
    {
        arguments.Add(state is null ? 0 : 1);
        if (state is null)
            return;

        arguments.Add(state.Bytes);
        arguments.Add(Time(state.ReleaseAt));
        arguments.Add(Time(state.ForgetAt));
        WriteAll(arguments, state.Refers, number => number);
    }

    private static void WriteRelease(List<RedisValue> arguments, string source, CoalescedRelease release)
    {
        var body = StoredBody.Of(release.Event?.Body ?? default);
        arguments.Add(release.Number);
        arguments.Add(release.Event is { } made ? EventFormat.Write(made, body) : RedisValue.EmptyString);
        arguments.Add(body.Bytes);
        arguments.Add(release.Event?.Size ?? 0);
        arguments.Add(source);
        arguments.Add((int)release.Disposition);
        arguments.Add(Time(release.KeepUntil));
        WriteAll(arguments, release.TakesIn, number => number);
        WriteAll(arguments, release.Destinations, name => name);
    }

    private static void WriteAll<T>(List<RedisValue> arguments, IReadOnlyList<T> all, Func<T, RedisValue> write)
    {
        arguments.Add(all.Count);
        arguments.AddRange(all.Select(write));
    }

    private static RedisValue Time(DateTimeOffset? time) => time?.ToUnixTimeMilliseconds() ?? RedisValue.EmptyString;
}
