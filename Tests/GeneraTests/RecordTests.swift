import Genera
import GeneraTesting
import Testing

enum Kernel: String, ExpressibleByArgument, CaseIterable, Sendable { case heun, euler }
enum Mode: String, EnumerableFlag { case quick, thorough }

struct InnerOptions: ParsableArguments {
    @Option(help: "Inner.") var rho = 7.0
    @Flag(inversion: .prefixedEnableDisable, help: "Churn.") var churn = true
}

struct ToyOptions: ParsableArguments, Sendable {
    @Option(help: "Steps.") var steps = 18
    @Option(name: .customLong("D"), help: "Augmented dimensions.") var augmentedDimension = "2048"
    @Option(help: "Largest noise.") var sigmaMax: Double?
    @Option(help: "Solver.") var solver = Kernel.heun
    @Option(parsing: .upToNextOption, help: "Labels.") var label: [Int] = []
    @Flag(help: "Verbose.") var traced = false
    @Flag(inversion: .prefixedNo, help: "Augment.") var augment = true
    @Flag(help: "Mode.") var mode: Mode = .quick
    @Option(name: [.customShort("z"), .long], help: "Two names.") var zoom = -1.5
    @OptionGroup(title: "Inner") var inner: InnerOptions
}

@Suite("Option records")
struct RecordTests {
    @Test("All values are recorded under their names on the command line")
    func defaults() throws {
        let record = try OptionRecord(try ToyOptions.parse([]))
        #expect(
            record.arguments == [
                "--steps", "18", "--D", "2048", "--solver", "heun", "--augment", "--quick", "--zoom=-1.5", "--rho",
                "7.0",
                "--enable-churn",
            ])
    }

    @Test(
        "Parsing a record's arguments gives the same record",
        arguments: [
            [], ["--steps", "4", "--D", "inf"], ["--sigma-max", "80", "--no-augment", "--traced"],
            ["--label", "1", "2", "3", "--thorough", "-z", "2", "--rho=-3"], ["--solver", "euler", "--disable-churn"],
        ])
    func roundTrip(words: [String]) throws {
        let record = try OptionRecord(try ToyOptions.parse(words))
        #expect(try OptionRecord(try ToyOptions.parse(record.arguments)) == record)
        let schema = try OptionSchema(ToyOptions.self)
        let yaml = try YAMLOptions(text: YAMLOptions.text(record.yaml), file: "toy.yaml")
        let read = try OptionRecord(yaml, schema: schema)
        #expect(try OptionRecord(try ToyOptions.parse(read.arguments)) == record)
    }

    @Test("A file's options become arguments")
    func yaml() throws {
        let text =
            "family: toy\nsteps: 9\nD: 128\naugment: false\ntraced: no\nlabel: [4, 5]\nsigma-max: null\nchurn: 1\n"
        let file = try YAMLOptions(text: text.replacing("churn: 1", with: "enable-churn: false"), file: "toy.yaml")
        let record = try OptionRecord(file, schema: OptionSchema(ToyOptions.self), ignoring: ["family"])
        #expect(
            record.arguments == [
                "--steps", "9", "--D", "128", "--no-augment", "--label", "4", "--label", "5", "--disable-churn",
            ])
        let options = try ToyOptions.parse(record.arguments)
        #expect(options.label == [4, 5] && !options.augment && !options.inner.churn)
    }

    @Test(
        "An unknown key and a value of the wrong kind name the line and what to do",
        arguments: [
            ("stps: 9", "toy.yaml: line 1: unknown option 'stps'; did you mean 'steps'?"),
            ("steps: 9\naugment: 7", "toy.yaml: line 2: option 'augment' must be true or false"),
            ("steps: [1, 2]", "toy.yaml: line 1: option 'steps' takes one value, not 2"),
        ])
    func badFile(text: String, message: String) throws {
        let error = #expect(throws: FormatError.self) {
            try OptionRecord(YAMLOptions(text: text, file: "toy.yaml"), schema: OptionSchema(ToyOptions.self))
        }
        #expect(error?.description == message)
    }

    @Test("Settings of training go through a file unchanged")
    func trainingSettings() throws {
        let settings = try TrainingSettings.with {
            $0.steps = 7; $0.precision = .bf16; $0.maxMinutes = 2e-4; $0.seed = .max
        }
        let record = try OptionRecord(settings)
        let yaml = try YAMLOptions(text: YAMLOptions.text(record.yaml), file: "config.yaml")
        let words = try OptionRecord(yaml, schema: OptionSchema(TrainingSettings.self)).arguments
        #expect(try OptionRecord(try TrainingSettings.parse(words)) == record)
        #expect(record["seed"] == ["18446744073709551615"])
        #expect(record["device"] == ["cpu"])
    }
}

@Suite("Recipes")
struct RecipeTests {
    let folder = TemporaryFolder()

    private func recipe(_ words: [String] = ["--D", "inf", "--sigma-max", "80"], indices: [Int]) throws -> Recipe {
        Recipe(
            family: "toy", options: try OptionRecord(try ToyOptions.parse(words)), seed: .max, indices: indices,
            checkpoint: "my models/digits28", checkpointSHA256: String(repeating: "ab", count: 32), precision: .bf16)
    }

    @Test("A recipe comes back from JSON and from a picture", arguments: [[0, 1, 2], [5], [3, 7, 8, 9], []])
    func roundTrip(indices: [Int]) throws {
        let recipe = try recipe(indices: indices)
        #expect(try Recipe(json: recipe.json, file: "x") == recipe)
        let file = folder.file("x.png")
        try PNG.write(Image(width: 2, height: 2, channels: 1, bytes: [0, 1, 2, 3]), to: file, text: recipe.texts)
        #expect(try Recipe(png: file) == recipe)
        #expect(
            try IndexList.parse(IndexList.text(indices) + (indices.isEmpty ? "0" : ""))
                == (indices.isEmpty ? [0] : indices))
    }

    @Test("A recipe is told as a command")
    func command() throws {
        let command = try recipe(["--label", "1", "2"], indices: [0, 1, 2]).command
        #expect(
            command.hasPrefix(
                "genera sample toy --seed 18446744073709551615 --count 3 --checkpoint 'my models/digits28' --precision bf16 "
            ))
        #expect(command.contains("--label 1 --label 2"))
        #expect(try recipe(indices: [3, 7, 8]).command.contains("--indices 3,7-8"))
    }

    @Test("A picture without a recipe says so")
    func noRecipe() throws {
        let file = folder.file("plain.png")
        try PNG.write(Image(width: 1, height: 1, channels: 1, bytes: [0]), to: file)
        let error = #expect(throws: GeneraError.self) { try Recipe(png: file) }
        #expect(error?.description.contains("holds no recipe") == true)
        #expect(throws: GeneraError.self) { try Recipe(json: "{}", file: "x") }
    }

    @Test("The greatest index is an index")
    func greatestIndex() throws {
        let list = try IndexList.parse("9223372036854775807,0,1")
        #expect(list == [.max, 0, 1] && IndexList.text(list) == "9223372036854775807,0-1")
    }

    @Test("A few words do not make any number of indices")
    func manyIndices() {
        let text = Array(repeating: "0-9999999", count: 1000).joined(separator: ",")
        let error = #expect(throws: GeneraError.self) { try IndexList.parse(text) }
        #expect(error?.description.contains("more than 16777216 indices") == true)
    }

    @Test("Lists of indices that make no sense are refused", arguments: ["", "a", "3-", "-3", "5-2", "1,,2", "1-2-3"])
    func badIndices(text: String) {
        let error = #expect(throws: GeneraError.self) { try IndexList.parse(text) }
        #expect(error?.exitCode == 64)
    }
}
