using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using HookGateway.Configuration;
using Microsoft.Extensions.Logging;

namespace HookGateway.Verify;

/// <summary>
/// Keeps the last requests of sources with <c>verify: capture</c>: one file of raw HTTP each, in the folder <c>capture</c>
/// beside the store, which only the gateway's own user may read. Anyone may send to such a source, so everything is bounded.
/// </summary>
internal sealed partial class CaptureFolder : IDisposable
{
    /// <summary>How many requests of a source are kept; the oldest goes first.</summary>
    public const int MaxRequests = 20;

    /// <summary>The largest body that is kept, in bytes. With its headers it stays below what <c>signature detect</c> reads.</summary>
    public const int LargestBody = 8 * 1024 * 1024;

    /// <summary>What the files of a source may take together, in bytes; the newest is kept whatever its size.</summary>
    public const long MaxBytes = 64L * 1024 * 1024;

    private const string TimeFormat = "yyyyMMdd'T'HHmmssfffffff'Z'";

    private readonly ILogger<CaptureFolder> _logger;
    private readonly SemaphoreSlim _oneAtATime = new(1);
    private DateTime _lastTime;

    public CaptureFolder(GatewayConfiguration configuration, ILogger<CaptureFolder> logger)
    {
        _logger = logger;
        Path = System.IO.Path.Combine(System.IO.Path.GetDirectoryName(System.IO.Path.GetFullPath(configuration.Storage.Path))!, "capture");
        foreach (var source in configuration.Sources.Where(source => source.Verify is VerifyConfiguration.Capture))
            logger.OnlyCaptures(source.Name, Path);
    }

    /// <summary>The folder; made when the first request comes.</summary>
    public string Path { get; }

    public void Dispose() => _oneAtATime.Dispose();

    /// <summary>Writes one request down, and removes what is one too many. Never throws for what the disk does.</summary>
    public async ValueTask<CaptureResult> KeepAsync(string source, ReceivedRequest request)
    {
        if (request.Body.Length > LargestBody)
            return new CaptureResult.TooLarge();

        await _oneAtATime.WaitAsync().ConfigureAwait(false);
        try
        {
            CreateFolder();
            var path = await WriteAsync(source, request).ConfigureAwait(false);
            RemoveOldest(source);
            _logger.Captured(source, path);
            return new CaptureResult.Kept(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return new CaptureResult.Failed($"it cannot be kept in {Path}: {e.Message}");
        }
        finally
        {
            _oneAtATime.Release();
        }
    }

    private void CreateFolder()
    {
        if (OperatingSystem.IsWindows())
            Directory.CreateDirectory(Path);
        else
            Directory.CreateDirectory(Path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
    }

    private async Task<string> WriteAsync(string source, ReceivedRequest request)
    {
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write, Options = FileOptions.Asynchronous };
        if (!OperatingSystem.IsWindows())
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;

        var path = NextPath(source, request.ReceivedAt.UtcDateTime);
        try
        {
            await using var file = new FileStream(path, options);
            await file.WriteAsync(Encoding.UTF8.GetBytes(HeadOf(request))).ConfigureAwait(false);
            await file.WriteAsync(request.Body).ConfigureAwait(false);
        }
        catch (IOException)
        {
            // Half a request would be taken for a whole one with a wrong signature.
            File.Delete(path);
            throw;
        }

        return path;
    }

    // No two have one time, and a clock that was set back does not make the newest the oldest.
    private string NextPath(string source, DateTime time)
    {
        _lastTime = time > _lastTime ? time : _lastTime.AddTicks(1);
        return System.IO.Path.Combine(Path, $"{source}-{_lastTime.ToString(TimeFormat, CultureInfo.InvariantCulture)}.http");
    }

    /// <summary>
    /// The request line has the whole URL, as the schemes that sign it see it. The chunks of a body are gone, so its length
    /// stands in place of <c>Transfer-Encoding</c>.
    /// </summary>
    private static string HeadOf(ReceivedRequest request)
    {
        var head = new StringBuilder($"{request.Method} {request.Url} HTTP/1.1\r\n");
        foreach (var (name, values) in request.Headers)
        {
            if (name.Equals("Transfer-Encoding", StringComparison.OrdinalIgnoreCase)
                || name.Equals("Content-Length", StringComparison.OrdinalIgnoreCase))
                continue;

            foreach (var value in values)
                head.Append(CultureInfo.InvariantCulture, $"{name}: {value}\r\n");
        }

        return head.Append(CultureInfo.InvariantCulture, $"Content-Length: {request.Body.Length}\r\n\r\n").ToString();
    }

    private void RemoveOldest(string source)
    {
        // The names sort by time; those of a source whose name begins alike do not have a time next.
        var newestFirst = new DirectoryInfo(Path).EnumerateFiles($"{source}-*.http")
            .Where(file => JustATime().IsMatch(file.Name.AsSpan(source.Length)))
            .OrderByDescending(file => file.Name, StringComparer.Ordinal);
        var (count, bytes) = (0, 0L);
        foreach (var file in newestFirst)
        {
            bytes += file.Length;
            if (++count > MaxRequests || (count > 1 && bytes > MaxBytes))
                file.Delete();
        }
    }

    [GeneratedRegex(@"\A-[0-9]{8}T[0-9]{13}Z\.http\z")]
    private static partial Regex JustATime();
}

/// <summary>What came of keeping a request. Closed: one of the nested kinds.</summary>
internal abstract record CaptureResult
{
    private CaptureResult()
    {
    }

    /// <summary>It is kept.</summary>
    public sealed record Kept(string Path) : CaptureResult;

    /// <summary>Its body is larger than <see cref="CaptureFolder.LargestBody"/>.</summary>
    public sealed record TooLarge : CaptureResult;

    /// <summary>It could not be written.</summary>
    public sealed record Failed(string Reason) : CaptureResult;
}

internal static partial class CaptureLog
{
    [LoggerMessage(1, LogLevel.Warning, "Source {Source} has verify: capture: its requests are kept in {Folder} and delivered nowhere")]
    public static partial void OnlyCaptures(this ILogger logger, string source, string folder);

    [LoggerMessage(2, LogLevel.Warning, "A request to source {Source} was captured and delivered nowhere: {File}")]
    public static partial void Captured(this ILogger logger, string source, string file);
}
