using HookGateway.Host;
using HookGateway.Host.Commands;

SocketCompletions.RunInline();
PoolThreads.AtLeastAFew();
return await CommandLine.RunAsync(args, Console.Out, Console.Error);
