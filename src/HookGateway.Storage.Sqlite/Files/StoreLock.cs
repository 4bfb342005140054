using System.Globalization;
using System.Text;
using HookGateway.Store;

namespace HookGateway.Storage.Sqlite.Files;

/// <summary>
/// Holds a store's file for this process. The operating system drops the lock with the process, however it ends, so nothing
/// has to be cleaned up after a crash. The lock file stays behind on purpose: deleting it would race with the next holder.
/// </summary>
internal sealed class StoreLock : IDisposable
{
    private readonly FileStream _file;

    private StoreLock(FileStream file) => _file = file;

    /// <exception cref="StoreException">Another process holds it, or the directory cannot be written.</exception>
    public static StoreLock Take(string path)
    {
        var lockPath = path + ".lock";
        try
        {
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            var file = new FileStream(lockPath, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
            WriteProcessId(file);
            return new StoreLock(file);
        }
        catch (Exception e) when (e is UnauthorizedAccessException or DirectoryNotFoundException || !File.Exists(lockPath))
        {
            throw new StoreException(
                $"Cannot write in the directory of {path}: {e.Message} Give the gateway's user the right to write there, or set "
                + "storage.path to another place.", e);
        }
        catch (IOException e)
        {
            throw new StoreException(
                $"{path} is in use by another process, whose id stands in {lockPath}. One file serves one gateway: stop the "
                + "other one, or set storage.path to another file.", e);
        }
    }

    public void Dispose() => _file.Dispose();

    private static void WriteProcessId(FileStream file)
    {
        try
        {
            file.SetLength(0);
            file.Write(Encoding.ASCII.GetBytes(Environment.ProcessId.ToString(CultureInfo.InvariantCulture) + "\n"));
            file.Flush();
        }
        catch (IOException)
        {
            // On a full disk the lock holds all the same; only the note for people is missing.
        }
    }
}
