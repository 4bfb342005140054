using System.Globalization;
using System.Text.Json;
using HookGateway.SysAid;
using HookGateway.SysAid.Reconcile;
using Xunit;

namespace HookGateway.UnitTests.SysAid.Reconcile;

public sealed class RecordPagesTests
{
    private static readonly DateTimeOffset Start = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);

    [Theory]
    [InlineData(0, 1)]
    [InlineData(1, 2)]
    [InlineData(500, 2)]
    [InlineData(501, 3)]
    [InlineData(100_000, 224)]
    public async Task Read_NothingChanges_GivesEachRecordOnceInFewRequests(int count, int requests)
    {
        var list = new ChangingList(count);

        Assert.Equal(Enumerable.Range(0, count), (await ReadAsync(list.SearchAsync)).Select(Number).Order());

        Assert.InRange(list.Requests, 1, requests);
    }

    public static TheoryData<int, bool> Changes { get; } =
        [.. Enumerable.Range(0, 20).SelectMany(seed => new[] { (seed, false), (seed, true) })];

    [Theory]
    [MemberData(nameof(Changes))]
    public async Task Read_RecordsAreChangedAddedAndDeletedMeanwhile_GivesAllThatStayed(int seed, bool latestFirst)
    {
        var list = new ChangingList(3000) { LatestFirst = latestFirst, Random = new Random(seed), Most = 200 };

        var read = (await ReadAsync(list.SearchAsync)).ToHashSet();

        Assert.Subset(read.Select(Key).ToHashSet(), list.Untouched.Select(Key).ToHashSet());
    }

    [Theory]
    [InlineData(449)]
    [InlineData(450)]
    [InlineData(470)]
    [InlineData(900)]
    public async Task Read_ManyRecordsArePutAheadAtOnce_GivesAllThatWereThere(int burst)
    {
        var list = new ChangingList(3000) { LatestFirst = true, Burst = burst };

        Assert.Subset((await ReadAsync(list.SearchAsync)).Select(Number).ToHashSet(), Enumerable.Range(0, 3000).ToHashSet());
    }

    [Fact]
    public async Task Read_HalfAPage_GoesOnBehindIt()
    {
        var list = new ChangingList(2000) { Cap = 100 };

        Assert.Equal(2000, (await ReadAsync(list.SearchAsync)).Select(Number).Distinct().Count());
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Read_PagesThatDoNotJoin_IsAFault(bool isEmpty)
    {
        var next = 0;
        Task<IReadOnlyList<ServiceRecord>> SearchAsync(int limit, int offset, CancellationToken cancel) =>
            Task.FromResult<IReadOnlyList<ServiceRecord>>(
                offset > 0 && isEmpty ? [] : [.. Enumerable.Range(0, limit).Select(_ => Record(next++, Start))]);

        var fault = await Assert.ThrowsAsync<SysAidException>(() => ReadAsync(SearchAsync));

        Assert.Contains("faster than they can be listed", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Read_ServerThatKnowsNoOffset_Ends()
    {
        IReadOnlyList<ServiceRecord> all = [.. Enumerable.Range(0, 700).Select(i => Record(i, Start))];

        Assert.Equal(700, (await ReadAsync((_, _, _) => Task.FromResult(all))).Count);
    }

    [Fact]
    public async Task Read_WithoutTimes_SaysWhatToDo()
    {
        IReadOnlyList<ServiceRecord> all = [Record(1, null)];

        var fault = await Assert.ThrowsAsync<SysAidException>(() => ReadAsync((_, _, _) => Task.FromResult(all)));

        Assert.Equal("SysAid lists records without updateTime: name it, and fields, under reconcile.", fault.Message);
    }

    [Fact]
    public async Task Read_ListWithoutAnEnd_IsAFault()
    {
        Task<IReadOnlyList<ServiceRecord>> SearchAsync(int limit, int offset, CancellationToken cancel) =>
            Task.FromResult<IReadOnlyList<ServiceRecord>>([.. Enumerable.Range(offset, 51).Select(i => Record(i, Start))]);

        var fault = await Assert.ThrowsAsync<SysAidException>(() => ReadAsync(SearchAsync));

        Assert.Contains("has no end", fault.Message, StringComparison.Ordinal);
    }

    private static async Task<List<ServiceRecord>> ReadAsync(Func<int, int, CancellationToken, Task<IReadOnlyList<ServiceRecord>>> search)
    {
        var read = new List<ServiceRecord>();
        await foreach (var page in new RecordPages(search).ReadAsync(TestContext.Current.CancellationToken))
            read.AddRange(page);
        return read;
    }

    private static ServiceRecord Record(int id, DateTimeOffset? time) =>
        new(id.ToString(CultureInfo.InvariantCulture), time, null, default(JsonElement));

    private static int Number(ServiceRecord record) => int.Parse(record.Id, CultureInfo.InvariantCulture);

    private static (string, DateTimeOffset?) Key(ServiceRecord record) => (record.Id, record.UpdateTime);

    /// <summary>Records that change between two requests.</summary>
    private sealed class ChangingList
    {
        private readonly HashSet<string> _touched = [];
        private List<ServiceRecord> _records;
        private int _next;

        public ChangingList(int count)
        {
            _records = [.. Enumerable.Range(0, count).Select(i => Record(i, Start.AddSeconds(i)))];
            _next = count;
        }

        public bool LatestFirst { get; init; }

        public Random? Random { get; init; }

        /// <summary>At most so many changes between two requests.</summary>
        public int Most { get; init; }

        /// <summary>No page is longer.</summary>
        public int Cap { get; init; } = int.MaxValue;

        /// <summary>So many are added right before the third request.</summary>
        public int Burst { get; init; }

        public int Requests { get; private set; }

        public IEnumerable<ServiceRecord> Untouched => _records.Where(record => !_touched.Contains(record.Id));

        public Task<IReadOnlyList<ServiceRecord>> SearchAsync(int limit, int offset, CancellationToken cancellationToken)
        {
            Requests++;
            if (Random is { } random)
                Change(random);
            for (var added = 0; Requests == 3 && added < Burst; added++)
                _records.Add(Record(_next, Start.AddSeconds(_next++)));
            IEnumerable<ServiceRecord> all = LatestFirst ? Enumerable.Reverse(_records) : _records;
            return Task.FromResult<IReadOnlyList<ServiceRecord>>([.. all.Skip(offset).Take(Math.Min(limit, Cap))]);
        }

        // Repeatable is what it has to be.
#pragma warning disable CA5394
        private void Change(Random random)
        {
            for (var left = random.Next(Most); left > 0; left--)
            {
                var index = random.Next(_records.Count);
                var id = _records[index].Id;
                var kind = random.Next(3);
                if (kind < 2)
                {
                    _records.RemoveAt(index);
                    _touched.Add(id);
                }

                if (kind > 0)
                {
                    var changed = Record(kind == 1 ? int.Parse(id, CultureInfo.InvariantCulture) : _next, Start.AddSeconds(_next++));
                    _touched.Add(changed.Id);
                    _records.Add(changed);
                }
            }

            _records = [.. _records];
        }
#pragma warning restore CA5394
    }
}
