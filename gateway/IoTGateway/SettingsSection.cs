using System.Reflection;
using Microsoft.Extensions.Options;

namespace IoTGateway;

/// <summary>Reads a section of the settings before anything is opened; what is wrong stops the start, in words.</summary>
internal static class SettingsSection
{
    /// <summary>Binds a section to its options and registers them.</summary>
    /// <param name="builder">Holds the settings.</param>
    /// <param name="section">Its name.</param>
    /// <param name="errors">What is wrong with values; each names the setting, its value and what is allowed.</param>
    /// <exception cref="OptionsValidationException">A name is unknown, or a value cannot be read or is not allowed.</exception>
    public static TOptions Bind<TOptions>(
        this WebApplicationBuilder builder,
        string section,
        Func<TOptions, IEnumerable<string>> errors
    )
        where TOptions : class, new()
    {
        var options = new TOptions();
        var values = builder.Configuration.GetSection(section);
        var failures = UnknownNames<TOptions>(values).ToList();
        try
        {
            values.Bind(options);
        }
        catch (InvalidOperationException e)
        {
            failures.Add(e.Message);
        }
        failures.AddRange(errors(options));
        if (failures.Count > 0)
            throw new OptionsValidationException(section, typeof(TOptions), failures);
        builder.Services.AddSingleton(options);
        builder.Services.AddSingleton(Options.Create(options));
        return options;
    }

    private static IEnumerable<string> UnknownNames<TOptions>(IConfigurationSection values)
    {
        string[] known =
        [
            .. typeof(TOptions)
                .GetProperties(BindingFlags.Public | BindingFlags.Instance)
                .Where(property => property.CanWrite)
                .Select(property => property.Name),
        ];
        return values
            .GetChildren()
            .Where(value => !known.Contains(value.Key, StringComparer.OrdinalIgnoreCase))
            .Select(value => $"{value.Path} is no setting: {values.Key} has {string.Join(", ", known)}.");
    }
}
