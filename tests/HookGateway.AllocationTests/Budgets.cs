namespace HookGateway.AllocationTests;

/// <summary>Every operation that has a budget, with the bytes that were measured.</summary>
internal static class Budgets
{
    public static readonly Budget VerifyOneSecret = new(0);
    public static readonly Budget VerifyTwoSecrets = new(0);
    public static readonly Budget IdentifyPlainPaths = new(256);
    public static readonly Budget IdentifyByContent = new(160);
    public static readonly Budget IdentifyComputedName = new(53832);
    public static readonly Budget RouteKnownName = new(0);
    public static readonly Budget RouteNewName = new(265);
    public static readonly Budget Accept = new(731);
    public static readonly Budget Settle = new(27);
    public static readonly Budget Forward = new(2528);
    public static readonly Budget ForwardSigned = new(2936);
}
