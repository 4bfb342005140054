namespace HookGateway.ResilienceTests.Redis;

/// <summary>An event that a gateway answered with a 2xx.</summary>
/// <param name="Id">The id in the answer.</param>
/// <param name="Body">What was sent.</param>
/// <param name="Tries">How often it was sent until then.</param>
/// <param name="Refused">How often the answer was 503.</param>
/// <param name="IsRepeated">Whether it was sent to another gateway once more, which knew it.</param>
internal sealed record Acknowledged(string Id, string Body, int Tries, int Refused, bool IsRepeated);
