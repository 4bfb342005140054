namespace HookGateway.Host.Demo;

/// <summary>What an event of the demo must be answered.</summary>
internal enum Expected
{
    /// <summary>202, for the first time.</summary>
    Accepted,

    /// <summary>200, under the first one's id.</summary>
    Duplicate,

    /// <summary>401: its signature is not the sender's.</summary>
    Refused,
}

/// <summary>One request of the demo's sender.</summary>
/// <param name="Text">What it is, for people.</param>
/// <param name="Body">Byte for byte.</param>
/// <param name="Expected">What it must be answered.</param>
internal sealed record DemoEvent(string Text, byte[] Body, Expected Expected);
