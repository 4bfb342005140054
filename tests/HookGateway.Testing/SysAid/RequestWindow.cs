using System.Globalization;
using Microsoft.AspNetCore.Http;

namespace HookGateway.Testing.SysAid;

/// <summary>Counts an account's requests in windows that begin with the first request after the last one's end.</summary>
internal sealed class RequestWindow(TimeProvider time)
{
    private static readonly TimeSpan Length = TimeSpan.FromMinutes(5);

    private readonly Lock _gate = new();
    private DateTimeOffset _end = DateTimeOffset.MinValue;
    private int _used;

    /// <summary>Requests in a window.</summary>
    public int Limit { get; set; } = 1000;

    /// <summary>How the end is told.</summary>
    public RateReset Reset { get; set; }

    /// <summary>How many were refused.</summary>
    public int Refused { get; private set; }

    /// <summary>Counts one and writes the headers.</summary>
    /// <returns>Whether it is allowed.</returns>
    public bool TryTake(HttpResponse response)
    {
        lock (_gate)
        {
            var now = time.GetUtcNow();
            if (now >= _end)
                (_end, _used) = (now + Length, 0);

            var isAllowed = _used < Limit;
            _used += isAllowed ? 1 : 0;
            Refused += isAllowed ? 0 : 1;
            Tell(response, now);
            return isAllowed;
        }
    }

    /// <summary>Takes so many as somebody else would who uses the same account.</summary>
    public void Take(int count)
    {
        lock (_gate)
            _used += count;
    }

    private void Tell(HttpResponse response, DateTimeOffset now)
    {
        if (Reset == RateReset.Unsaid)
            return;

        // Rounded down, as is easily done.
        var reset = Reset == RateReset.EpochSeconds ? _end.ToUnixTimeSeconds() : (long)(_end - now).TotalSeconds;
        response.Headers["X-RateLimit-Limit"] = Limit.ToString(CultureInfo.InvariantCulture);
        response.Headers["X-RateLimit-Remaining"] = Math.Max(0, Limit - _used).ToString(CultureInfo.InvariantCulture);
        response.Headers["X-RateLimit-Reset"] = reset.ToString(CultureInfo.InvariantCulture);
    }
}
