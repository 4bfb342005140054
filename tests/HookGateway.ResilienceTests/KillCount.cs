using System.Globalization;

namespace HookGateway.ResilienceTests;

/// <summary>
/// How often the kill tests kill: few times in a usual run, and as often as wanted in the long form,
/// <c>HOOKGATEWAY_KILLS=100 ./test --filter-class HookGateway.ResilienceTests.KillTests</c>, or another class of them.
/// </summary>
internal static class KillCount
{
    public static int Or(int usual) =>
        Environment.GetEnvironmentVariable("HOOKGATEWAY_KILLS") is { } wanted ? int.Parse(wanted, CultureInfo.InvariantCulture) : usual;
}
