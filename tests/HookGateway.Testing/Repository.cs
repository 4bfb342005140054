namespace HookGateway.Testing;

/// <summary>The checkout that the tests were built from.</summary>
public static class Repository
{
    /// <summary>Its top folder: <c>artifacts/bin/TESTS/release/</c> lies four below it.</summary>
    public static string Root { get; } =
        Path.GetFullPath(Path.Combine(AppContext.BaseDirectory.TrimEnd('/'), "..", "..", "..", ".."));

    /// <summary>The absolute path of a file in it.</summary>
    public static string File(params ReadOnlySpan<string> path) => Path.Combine([Root, .. path]);
}
