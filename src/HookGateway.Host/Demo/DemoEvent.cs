namespace HookGateway.Host.Demo;

/// <summary>What an event of the demo must be answered.</summary>
internal enum Expected
{
    /// <summary>202, for the first time.</summary>
    Accepted,

    /// <summary>202, for the first time, although others that were made after it came before it.</summary>
    AcceptedLate,

    /// <summary>200, under the first one's id.</summary>
    Duplicate,

    /// <summary>401: its signature is not the sender's.</summary>
    Refused,

    /// <summary>Nothing: it is never sent.</summary>
    Lost,
}

/// <summary>One request of the demo's sender.</summary>
/// <param name="Text">What it is, for people.</param>
/// <param name="Body">Byte for byte.</param>
/// <param name="Expected">What it must be answered.</param>
/// <param name="Session">The edit session that it belongs to; <see langword="null"/>: none.</param>
internal sealed record DemoEvent(string Text, byte[] Body, Expected Expected, string? Session = null);
