using System.Runtime.CompilerServices;

namespace HookGateway.SysAid.Reconcile;

/// <summary>
/// Lists all service records while they change, in whatever order the API has. A change or a deletion shifts what is behind it, so
/// each page begins within the one before, and one that has nothing of that is asked for again further ahead: no record is passed by.
/// Some are given twice.
/// </summary>
/// <param name="search">Asks for a page: limit, offset.</param>
/// <param name="updateTime">What the field is called that has the time of a record's last change.</param>
internal sealed class RecordPages(Func<int, int, CancellationToken, Task<IReadOnlyList<ServiceRecord>>> search, string updateTime = "updateTime")
{
    /// <summary>So many records of a page are asked for again with the next.</summary>
    public const int Overlap = 50;

    /// <summary>More are not asked for in one go; that is for some two million records.</summary>
    public const int MostPages = 4000;

    private const int MostRetreats = 4;

    /// <exception cref="SysAidException">A page is not to be had, or the pages do not join.</exception>
    public async IAsyncEnumerable<IReadOnlyList<ServiceRecord>> ReadAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var before = new HashSet<(string, DateTimeOffset?)>();
        var idsBefore = new HashSet<string>();
        var (retreats, repeats, overlap) = (0, 0, 0);
        for (int page = 0, offset = 0; ; page++)
        {
            if (page == MostPages)
                throw new SysAidException($"SysAid's list of records has no end: {MostPages} pages were read.");

            var records = await search(ApiRequests.LargestPage, offset, cancellationToken).ConfigureAwait(false);
            if (page == 0 && records.Count == 0)
                yield break;

            if (page > 0 && !records.Any(record => idsBefore.Contains(record.Id)))
            {
                if (++retreats > MostRetreats || offset == 0)
                    throw new SysAidException("SysAid's records change faster than they can be listed, or its pages are not of one list.");

                offset = Math.Max(0, offset - ApiRequests.LargestPage);
                continue;
            }

            if (records.All(record => record.UpdateTime is null))
                throw new SysAidException($"SysAid lists records without {updateTime}: name it, and fields, under reconcile.");

            var fresh = records.Where(record => !before.Contains((record.Id, record.UpdateTime)))
                .DistinctBy(record => (record.Id, record.UpdateTime)).ToList();
            if (fresh.Count > 0)
                yield return fresh;

            // More of the page before than was asked for again: others were put ahead of them, and what follows is further behind. An
            // API that always gives the same knows no offset.
            var isKnown = records.All(record => idsBefore.Contains(record.Id));
            if (isKnown && (records.Count <= overlap || ++repeats > MostRetreats))
                yield break;

            retreats = 0;
            repeats = isKnown ? repeats : 0;
            overlap = Math.Min(Overlap, (records.Count + 1) / 2);
            before = [.. records.Select(record => (record.Id, record.UpdateTime))];
            idsBefore = [.. records.Select(record => record.Id)];
            offset += records.Count - overlap;
        }
    }
}
