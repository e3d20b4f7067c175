import ArgumentParser

/// Where options come from that are not given in words. `Words` reads the file before the words are parsed.
struct ConfigurationOption: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "Options from a YAML file, by their long names. The command line wins.", valueName: "file.yaml"))
    var config: String?
}
