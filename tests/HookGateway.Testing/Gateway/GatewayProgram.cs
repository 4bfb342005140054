using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;

namespace HookGateway.Testing.Gateway;

/// <summary>The built program that goes with the running tests, and signals to it.</summary>
public static partial class GatewayProgram
{
    /// <summary>SIGKILL.</summary>
    public const int Kill = 9;

    /// <summary>SIGTERM.</summary>
    public const int Terminate = 15;

    /// <summary>SIGCONT, as Linux numbers it.</summary>
    public const int Continue = 18;

    /// <summary>SIGSTOP, as Linux numbers it.</summary>
    public const int Stop = 19;

    private const string FileName = "hookgateway.dll";

    /// <summary>Where this variable names a folder, the program in it is started: as it is published, for example.</summary>
    private const string FolderVariable = "HOOKGATEWAY_PROGRAM";

    /// <summary>
    /// The program in the folder of <c>HOOKGATEWAY_PROGRAM</c>; without that, of the tests' own configuration:
    /// <c>artifacts/bin/TESTS/release/</c> lies beside <c>artifacts/bin/HookGateway.Host/release/</c>.
    /// </summary>
    /// <exception cref="FileNotFoundException">It is not there.</exception>
    public static string Path
    {
        get
        {
            var path = System.IO.Path.Combine(Environment.GetEnvironmentVariable(FolderVariable) ?? Built(), FileName);
            return File.Exists(path) ? path : throw new FileNotFoundException($"Build HookGateway.Host first: there is no {path}", path);
        }
    }

    /// <summary>What to start for the program and <paramref name="arguments"/>.</summary>
    public static ProcessStartInfo Command(IReadOnlyList<string> wrapper, params IEnumerable<string> arguments)
    {
        string[] words = [.. wrapper, "dotnet", Path, .. arguments];
        return new ProcessStartInfo(words[0], words.Skip(1)) { RedirectStandardOutput = true, RedirectStandardError = true };
    }

    /// <summary>The program's own process, where a wrapper runs it as its child; else the process itself.</summary>
    public static int FindPid(int pid)
    {
        if (IsProgram(pid))
            return pid;
        foreach (var child in Children(pid))
        {
            var found = FindPid(child);
            if (IsProgram(found))
                return found;
        }

        return pid;
    }

    /// <summary>Sends a signal to one process, if it is still there.</summary>
    public static void Send(int pid, int signal) => _ = SendSignal(pid, signal);

    private static string Built()
    {
        var tests = new DirectoryInfo(AppContext.BaseDirectory);
        return System.IO.Path.Combine(tests.Parent!.Parent!.FullName, "HookGateway.Host", tests.Name);
    }

    // A wrapper has the program's name among its own arguments: the program is the one that runs dotnet.
    private static bool IsProgram(int pid)
    {
        var words = ReadOrEmpty($"/proc/{pid}/cmdline").Split('\0');
        return words.Length > 1 && words[0].EndsWith("dotnet", StringComparison.Ordinal)
            && words[1].EndsWith(FileName, StringComparison.Ordinal);
    }

    private static IEnumerable<int> Children(int pid) =>
        ReadOrEmpty($"/proc/{pid}/task/{pid}/children")
            .Split(' ', StringSplitOptions.RemoveEmptyEntries)
            .Select(child => int.Parse(child, CultureInfo.InvariantCulture));

    private static string ReadOrEmpty(string path)
    {
        try
        {
            return File.ReadAllText(path);
        }
        catch (IOException)
        {
            return "";
        }
    }

    [LibraryImport("libc", EntryPoint = "kill")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int SendSignal(int pid, int signal);
}
