namespace HookGateway.Host.Commands;

/// <summary>A question to whoever sits at the terminal.</summary>
internal static class Question
{
    /// <summary>Whether somebody can read it and answer.</summary>
    public static bool MayBeAsked => !Console.IsInputRedirected && !Console.IsErrorRedirected;

    /// <summary>Asks; anything but yes is no.</summary>
    public static bool Ask(TextWriter terminal, string question)
    {
        terminal.Write($"{question} [y/N] ");
        terminal.Flush();
        return Console.ReadLine()?.Trim().ToUpperInvariant() is "Y" or "YES";
    }
}
