using System.Data.Common;
using Microsoft.AspNetCore.Builder;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.DependencyInjection;

namespace IoTGateway.Sinks.Table;

/// <summary>The sink's line of Program.cs.</summary>
internal static class TableServices
{
    /// <summary>Off without <c>Table:File</c>.</summary>
    public static void AddTableSink(this WebApplicationBuilder builder)
    {
        var options = builder.Bind<TableOptions>("Table", table => table.Errors());
        if (!options.IsOn)
            return;
        var database = new SqliteConnectionStringBuilder { DataSource = options.File }.ToString();
        builder.Services.AddSingleton<Func<DbConnection>>(() => new SqliteConnection(database));
        builder.AddSink<TableSink>();
    }
}
