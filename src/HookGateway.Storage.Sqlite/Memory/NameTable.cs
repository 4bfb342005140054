namespace HookGateway.Storage.Sqlite.Memory;

/// <summary>What a name is of.</summary>
internal enum NameKind
{
    Source = 0,
    Destination = 1,
}

/// <summary>
/// The numbers that stand for the configured names in the tables. New ones are taken back when the transaction that wrote
/// them fails. Writer thread only.
/// </summary>
internal sealed class NameTable
{
    private readonly Dictionary<(NameKind, string), int> _ids = [];
    private readonly Dictionary<int, (NameKind Kind, string Text)> _names = [];
    private readonly List<int> _uncommitted = [];
    private int _last;

    public string NameOf(int id) => _names[id].Text;

    public bool TryFind(NameKind kind, string text, out int id) => _ids.TryGetValue((kind, text), out id);

    /// <summary>A name as it stands on disk.</summary>
    public void Load(int id, NameKind kind, string text)
    {
        _ids[(kind, text)] = id;
        _names[id] = (kind, text);
        _last = Math.Max(_last, id);
    }

    /// <summary>A new name, to be written in the open transaction.</summary>
    public int Add(NameKind kind, string text)
    {
        var id = _last + 1;
        Load(id, kind, text);
        _uncommitted.Add(id);
        return id;
    }

    public void Commit() => _uncommitted.Clear();

    public void Discard()
    {
        foreach (var id in _uncommitted)
        {
            _names.Remove(id, out var name);
            _ids.Remove(name);
        }

        _uncommitted.Clear();
    }
}
