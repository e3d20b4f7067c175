import Foundation
import Genera
import GeneraTesting
import Testing

/// What the program says to plugins that do not fit, and that it lives on.
@Suite(.serialized, .tags(.slow)) struct BadPluginTests {
    private let workshop: Workshop
    private var libraries: String { "\(workshop.package)/.build/release" }

    private static let built = Result {
        let workshop = try Workshop.guided.get()
        guard workshop.guide.status == 0 else { throw ComparisonFailure("the guide's commands failed before") }
        try BadPlugins.write(into: workshop.package, repository: workshop.repository)
        let outcome = workshop.run(BadPlugins.build, in: "mixture")
        guard outcome.status == 0 else { throw ComparisonFailure("the bad plugins do not build: \(outcome)") }
        return workshop
    }

    init() throws { workshop = try Self.built.get() }

    @Test(arguments: [
        ("OtherVersion", 65, "was built for Genera 9.9.9, but this program is Genera \(Version.current)"),
        ("OtherInterface", 65, "speaks plugin interface 77"),
        ("OtherCompiler", 65, "was built by Swift 6.0.0"),
        ("OwnCore", 65, "carries its own copy of Genera's core"),
        ("NoEntry", 65, "does not call PluginEntry.register"),
        ("Throws", 70, "failed as it was loaded: This plugin never works."),
        ("Taken", 65, "brings a model family 'pfgmpp', but this program has one of that name"),
        ("NoWord", 65, "cannot name a model family"),
        ("OtherState", 65, "was built against another state of Genera"),
        ("Absent", 66, "there is no such plugin"),
    ])
    func whatDoesNotFitIsRefusedInOneSentence(_ name: String, _ status: Int32, _ reason: String) {
        let named = workshop.run("genera --plugin \(libraries)/lib\(name).so list")
        #expect(named.status == status && named.complaint.contains(reason), "\(named)")
        #expect(named.output.isEmpty && named.error.split(separator: "\n").count == 1, "\(named)")
        // In a folder it is passed over with a warning, and the program does what it was asked for.
        let passed = workshop.run("GENERA_PLUGINS=\(libraries)/lib\(name).so genera list")
        #expect(passed.status == 0 && passed.output.contains("pfgmpp"), "\(passed)")
        #expect(passed.complaint.contains("warning: plugin not loaded"), "\(passed)")
        #expect(workshop.run("genera plugin install \(libraries)/lib\(name).so").status == status)
    }

    @Test func otherFilesAreNoPlugins() throws {
        let outcome = workshop.run(
            """
            echo text > text.so
            head -c 3000 \(libraries)/libGood1.so > cut.so
            : > empty.so
            ln -s nowhere.so dangling.so
            cp \(libraries)/genera-mixture program.so 2>/dev/null || cp /bin/true program.so
            cp /usr/lib/x86_64-linux-gnu/libz.so.1 libz.so 2>/dev/null || cp $(ldconfig -p | awk '/libz.so.1/{print $NF; exit}') libz.so
            """)
        #expect(outcome.status == 0, "\(outcome)")
        let cases: [(String, Int32, String)] = [
            ("text.so", 65, "is not a shared library"), ("empty.so", 65, "is not a shared library"),
            ("dangling.so", 66, "there is no such plugin"), (".", 66, "is a folder"), ("libz.so", 65, "holds no tag"),
        ]
        for (file, status, reason) in cases {
            let outcome = workshop.run("genera --plugin \(file) list")
            #expect(outcome.status == status && outcome.complaint.contains(reason), "\(file): \(outcome)")
        }
        let cut = workshop.run("genera --plugin cut.so list")
        #expect(cut.status == 65 && cut.error.split(separator: "\n").count == 1, "\(cut)")
        if getuid() != 0 {
            let locked = workshop.run("cp \(libraries)/libGood1.so l.so; chmod 0 l.so; genera --plugin l.so list")
            #expect(locked.status == 66 && locked.complaint.contains("cannot be read"), "\(locked)")
        }
    }

    @Test func placesThatOthersCanWriteToAreNotTrusted() {
        let outcome = workshop.run("mkdir -p open && chmod 777 open && cp \(libraries)/libGood1.so open/")
        #expect(outcome.status == 0)
        let named = workshop.run("genera --plugin open/libGood1.so list")
        #expect(named.status == 77 && named.complaint.contains("is writable by everyone"), "\(named)")
        let searched = workshop.run("GENERA_PLUGINS=open genera list")
        #expect(searched.status == 0 && !searched.output.contains("good1"), "\(searched)")
        #expect(searched.complaint.contains("is writable by everyone"), "\(searched)")
        for words in ["GENERA_PLUGINS=open genera --trust list", "genera --trust --plugin open/libGood1.so list"] {
            let trusted = workshop.run(words)
            #expect(trusted.status == 0 && trusted.output.contains("good1") && trusted.error.isEmpty, "\(trusted)")
        }
    }

    @Test func aDescriptionThatDoesNotBelongToTheLibraryIsNoticed() throws {
        let outcome = workshop.run(
            """
            set -e
            genera plugin install \(libraries)/libGood2.so
            cp \(libraries)/libGood3.so data/genera/plugins/libGood2.so; printf x >> data/genera/plugins/libGood2.so
            genera list
            genera plugin list
            genera plugin install --force \(libraries)/libGood2.so
            genera list | grep good2
            sed -i 's/genera=[0-9.]*/genera=0.0.1/' data/genera/plugins/Good2.genera-plugin.json
            ! genera --plugin data/genera/plugins/libGood2.so list
            echo '{' > data/genera/plugins/Good2.genera-plugin.json
            genera list
            genera plugin install --force \(libraries)/libGood2.so
            ! genera plugin install \(libraries)/libGood2.so
            genera plugin remove Good2
            test -z "$(ls data/genera/plugins)"
            """)
        #expect(outcome.status == 0, "\(outcome)")
        for part in [
            "is not the library that", "was built for Genera 0.0.1", "is not the description of a plugin",
            "installed already",
        ] {
            #expect(outcome.error.contains(part) || outcome.output.contains(part), "\(part): \(outcome)")
        }
    }

    @Test func aCrashInAPluginLeavesNothingBehind() throws {
        for name in ["CrashesInAdvance", "CrashesInFinish"] {
            for target in ["crash/x.png", "crash/x.npy", "crash/all/"] {
                let outcome = workshop.run(
                    "rm -rf crash; mkdir crash; SWIFT_BACKTRACE=enable=no genera --plugin \(libraries)/lib\(name).so sample \(name.lowercased()) -n 4 --out \(target)"
                )
                #expect(outcome.status != 0, "\(outcome)")
                let left = try FileManager.default.subpathsOfDirectory(atPath: workshop.folder.file("crash"))
                #expect(left.isEmpty, "\(name) \(target): \(left)")
            }
        }
        let install = workshop.run("SWIFT_BACKTRACE=enable=no genera plugin install \(libraries)/libCrashesAtOnce.so")
        #expect(install.status == 70 && install.complaint.contains("crashed as it was loaded"), "\(install)")
        #expect(
            !FileManager.default.fileExists(atPath: workshop.folder.file("data/genera/plugins/libCrashesAtOnce.so")))
    }

    @Test func numbersThatAreNotFiniteAreNamed() {
        let outcome = workshop.run("genera --plugin \(libraries)/libNotFinite.so sample notfinite -n 4 --out nan.png")
        #expect(outcome.status == 70 && outcome.complaint.contains("Sample 0 became NaN"), "\(outcome)")
        #expect(!FileManager.default.fileExists(atPath: workshop.folder.file("nan.png")))
    }

    @Test func theProgramStartsFastWithFivePlugins() throws {
        let outcome = workshop.run(
            """
            set -e
            for i in 1 2 3 4 5; do genera plugin install \(libraries)/libGood$i.so; done
            genera list | grep -c good
            TIMEFORMAT='%U %S'
            for i in $(seq 15); do time genera --version > /dev/null; time genera list > /dev/null; done
            for i in 1 2 3 4 5; do genera plugin remove Good$i > /dev/null; done
            """)
        #expect(outcome.status == 0, "\(outcome)")
        #expect(outcome.output.split(separator: "\n").contains("5"))
        // Processor time, least of all: what else the machine does tells on the clock, not on the program.
        let seconds = outcome.error.split(separator: "\n").map { line in
            line.split(separator: " ").reduce(0) { $0 + (Double($1) ?? .infinity) }
        }
        #expect(seconds.count == 30)
        let bare = try #require(seconds.enumerated().filter { $0.offset % 2 == 0 }.map(\.element).min())
        let least = try #require(seconds.enumerated().filter { $0.offset % 2 == 1 }.map(\.element).min())
        // What five plugins add is measured by the program's own start, so that a slow machine is no fault of theirs.
        #expect(bare < 0.05, "\(bare) seconds")
        #expect(least < 2.5 * bare, "\(least) seconds beside \(bare) without plugins")
    }
}
