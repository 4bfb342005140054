using System.Globalization;
using HookGateway.Faults;

static int Number(string[] words, int index, int otherwise) =>
    words.Length > index ? int.Parse(words[index], CultureInfo.InvariantCulture) : otherwise;

switch (args)
{
    case ["isolation", .. var words]:
        await Isolation.RunAsync(rounds: Number(words, 0, 4), rate: Number(words, 1, 200), seconds: Number(words, 2, 10));
        return 0;

    case ["backlog", .. var words]:
        await Backlog.RunAsync(events: Number(words, 0, 1_000_000), window: words.Length > 1 ? words[1] : "24h");
        return 0;

    default:
        Console.Error.WriteLine("isolation [ROUNDS] [EVENTS A SECOND] [SECONDS A ROUND] | backlog [EVENTS] [DEDUPE WINDOW]");
        return 2;
}
