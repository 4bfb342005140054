using HookGateway.Benchmarks.Deliver;
using HookGateway.Benchmarks.Route;
using HookGateway.Benchmarks.Store;
using HookGateway.Benchmarks.Verify;
using HookGateway.Route;
using Xunit;

namespace HookGateway.AllocationTests;

/// <summary>
/// What the benchmarks measure, held to a budget. A project of its own, and one class, whose tests run one after the other: what
/// others allocate in the same process would count.
/// </summary>
public sealed class BudgetTests
{
    private readonly VerifyBenchmarks _verify = new();
    private readonly IdentifyBenchmarks _identify = new();

    [Fact]
    public void Verify_OneSecret_KeepsItsBudget() => Budgets.VerifyOneSecret.Check(Allocated.ByThread(_verify.OneSecret));

    [Fact]
    public void Verify_TwoSecrets_KeepsItsBudget() => Budgets.VerifyTwoSecrets.Check(Allocated.ByThread(_verify.TwoSecrets));

    [Fact]
    public void Identify_PlainPaths_KeepsItsBudget() => Budgets.IdentifyPlainPaths.Check(Allocated.ByThread(_identify.PlainPaths));

    [Fact]
    public void Identify_ContentAsDedupeKey_KeepsItsBudget() =>
        Budgets.IdentifyByContent.Check(Allocated.ByThread(_identify.ContentAsDedupeKey));

    [Fact]
    public void Identify_ComputedName_KeepsItsBudget() =>
        Budgets.IdentifyComputedName.Check(Allocated.ByThread(_identify.ComputedName));

    [Fact]
    public void Route_KnownName_KeepsItsBudget() => Budgets.RouteKnownName.Check(Allocated.ByThread(Routes().KnownName));

    // What is remembered is forgotten some times over meanwhile, and grows anew by as much as the names' hashes make it.
    [Fact]
    public void Route_NewName_KeepsItsBudget() =>
        Budgets.RouteNewName.Check(Allocated.ByThread(Routes().NewName, calls: 16 * RouteTable.MaxRemembered));

    [Fact]
    public async Task Accept_InAGroup_KeepsItsBudget()
    {
        await using var store = new AcceptBenchmarks();
        await store.OpenAsync();

        var allocated = await Allocated.ByProcess(store.Accept, AcceptBenchmarks.Events, store.Prepare);

        Budgets.Accept.Check(allocated);
    }

    [Fact]
    public async Task Settle_InAGroup_KeepsItsBudget()
    {
        await using var store = new SettleBenchmarks();
        await store.OpenAsync();

        var allocated = await Allocated.ByProcess(store.Settle, SettleBenchmarks.Settlements, store.Accept);

        Budgets.Settle.Check(allocated);
    }

    [Fact]
    public Task Forward_Plain_KeepsItsBudget() => ForwardAsync(Budgets.Forward, forward => forward.Plain());

    [Fact]
    public Task Forward_WithSignature_KeepsItsBudget() => ForwardAsync(Budgets.ForwardSigned, forward => forward.WithSignature());

    /// <summary>An answer that is there before anybody waits for it spares the sender some objects: here it comes after that.</summary>
    private static async Task ForwardAsync(Budget budget, Func<ForwardBenchmarks, Task> attempt)
    {
        const int attempts = 500;
        using var permits = new SemaphoreSlim(0);
        using var forward = new ForwardBenchmarks();
        forward.Configure();
        forward.Downstream.AnswerBy(permits);

        var allocated = await Allocated.ByProcess(
            async () =>
            {
                for (var i = 0; i < attempts; i++)
                {
                    var waiting = attempt(forward);
                    permits.Release();
                    await waiting;
                }
            },
            attempts);

        budget.Check(allocated);
    }

    private static RouteBenchmarks Routes()
    {
        var routes = new RouteBenchmarks { Routes = 1000 };
        routes.Setup();
        return routes;
    }
}
