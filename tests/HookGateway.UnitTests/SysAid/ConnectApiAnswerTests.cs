using System.Text;
using HookGateway.Configuration;
using HookGateway.SysAid;
using HookGateway.Testing.Downstream;
using Xunit;

namespace HookGateway.UnitTests.SysAid;

public sealed class ConnectApiAnswerTests : IAsyncLifetime
{
    private static readonly DateTimeOffset Noon = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);

    private OpenedApi _opened = null!;

    public async ValueTask InitializeAsync() => _opened = await OpenedApi.StartAsync();

    public ValueTask DisposeAsync() => _opened.DisposeAsync();

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task List_BareOrWrapped_IsRead(bool wraps)
    {
        _opened.Fake.WrapsLists = wraps;
        for (var i = 0; i < 3; i++)
            await _opened.SubscribeAsync();

        var answer = await _opened.SendAsync(requests => requests.List(2, 1));

        Assert.Equal([2, 3], answer.Items!.Select(item => item.GetProperty("id").GetInt32()));
        Assert.Equal("/webhooks?limit=2&offset=1", _opened.Requests[^1].Path);
    }

    [Fact]
    public async Task Get_Subscription_IsTheOneOfItsId()
    {
        await _opened.SubscribeAsync();
        await _opened.SubscribeAsync();

        Assert.Equal(2, (await _opened.SendAsync(requests => requests.Get("2"))).Json!.Value.GetProperty("id").GetInt32());
    }

    [Theory]
    [InlineData("""{"statusCode":404,"message":"Nothing here: \"x\""}""", ": Nothing here: \"x\"")]
    [InlineData("""{"statusCode":404,"message":"the secret-0 is wrong"}""", ": the *** is wrong")]
    [InlineData("""{"message":7}""", "")]
    [InlineData("""{"message":"\ud800"}""", "")]
    [InlineData("""{"message":{}}""", "")]
    [InlineData("[]", "")]
    [InlineData("not JSON", "")]
    [InlineData("", "")]
    public async Task Error_WithAMessage_IsPassedOnWordForWordButForTheSecret(string body, string message)
    {
        Respond(404, body);

        Assert.Equal($"SysAid answered HTTP 404{message}", (await _opened.FaultAsync(requests => requests.List(20, 0))).Message);
    }

    [Fact]
    public async Task Error_WithALongMessage_IsCut()
    {
        Respond(404, $$"""{"message":"{{new string('x', 5000)}}"}""");

        Assert.Equal(
            $"SysAid answered HTTP 404: {new string('x', 1000)}…", (await _opened.FaultAsync(requests => requests.List(20, 0))).Message);
    }

    [Fact]
    public async Task Answer_TooLarge_IsAFaultAndNotReadToItsEnd()
    {
        _opened.Fake.Fail(new Answer.Responding(200) { Body = new byte[ApiSender.AnswerLimit + 1] });

        Assert.Equal(
            "SysAid could not be asked: the answer is larger than 16 MiB", (await _opened.FaultAsync(requests => requests.List(20, 0))).Message);
        Assert.Single(_opened.Requests);
    }

    [Theory]
    [InlineData(64, true)]
    [InlineData(65, false)]
    [InlineData(200_000, false)]
    public async Task Answer_NestedDeeply_IsNoJson(int levels, bool isJson)
    {
        Respond(200, new string('[', levels) + new string(']', levels));

        Assert.Equal(isJson, (await _opened.ListAsync()).Json is not null);
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("""{"data":{}}""")]
    [InlineData("7")]
    [InlineData("<html>")]
    public async Task Search_AnswerWithoutAList_IsAFaultThatHasIt(string body)
    {
        Respond(200, body);

        var fault = await Assert.ThrowsAsync<SysAidException>(() => SearchAsync(20, 0));

        Assert.Equal(("SysAid answered HTTP 200 without a list of service records.", body), (fault.Message, fault.Answer!.Text));
    }

    [Theory]
    [InlineData(false, false)]
    [InlineData(false, true)]
    [InlineData(true, false)]
    public async Task Search_Records_GivesThePageWithTheirTimes(bool iso, bool wraps)
    {
        (_opened.Fake.Records.IsoTimes, _opened.Fake.WrapsLists) = (iso, wraps);
        for (var id = 1; id <= 30; id++)
            _opened.Fake.Records.Put(id, Noon.AddMinutes(id), ("title", "t"), ("srType", "1"));
        _opened.Fake.Records.Put(7, Noon.AddMinutes(100));

        var first = await SearchAsync(2, 0);
        var second = await SearchAsync(2, 2, "srType", "updateTime");

        Assert.Equal(["7", "30", "29", "28"], first.Concat(second).Select(record => record.Id));
        Assert.Equal((Noon.AddMinutes(100), Noon.AddMinutes(7)), (first[0].UpdateTime, first[0].InsertTime));
        Assert.Equal((Noon.AddMinutes(29), null), (second[0].UpdateTime, second[0].InsertTime));
        Assert.True(first[0].Json.TryGetProperty("title", out _));
        Assert.False(second[0].Json.TryGetProperty("title", out _));
        Assert.Equal("/service-records/search?limit=2&offset=2&fields=srType,updateTime", _opened.Requests[1].Path);
    }

    [Theory]
    [InlineData("""[{"id":"SR-7"}]""", "SR-7")]
    [InlineData("""[{"id":9007199254740993}]""", "9007199254740993")]
    [InlineData("""[{"updateTime":1}]""", null)]
    [InlineData("""[{"id":null}]""", null)]
    [InlineData("[7]", null)]
    public async Task Search_RecordsId_IsWhatIsWrittenAndNeeded(string body, string? id)
    {
        Respond(200, body);

        if (id is not null)
            Assert.Equal(id, Assert.Single(await SearchAsync(20, 0)).Id);
        else
            Assert.Equal("SysAid listed a service record without id: name the field of its number as reconcile.id.", (await Assert.ThrowsAsync<SysAidException>(() => SearchAsync(20, 0))).Message);
    }

    [Fact]
    public async Task Search_RecordChangesBetweenPages_ShiftsTheOffsets()
    {
        for (var id = 1; id <= 4; id++)
            _opened.Fake.Records.Put(id, Noon.AddMinutes(id));

        var first = await SearchAsync(2, 0);
        _opened.Fake.Records.Put(1, Noon.AddMinutes(10));
        var second = await SearchAsync(2, 2);

        Assert.Equal(["4", "3", "3", "2"], first.Concat(second).Select(record => record.Id));
    }

    private Task<IReadOnlyList<ServiceRecord>> SearchAsync(int limit, int offset, params string[] fields) =>
        _opened.Api.SearchRecordsAsync(limit, offset, fields, new ReconcileConfiguration(), TestContext.Current.CancellationToken);

    private void Respond(int status, string body) =>
        _opened.Fake.Fail(new Answer.Responding(status) { Body = Encoding.UTF8.GetBytes(body) });
}
