import Testing

/// Words that make no sense: one sentence, status 64, and the nearest that does.
@Suite struct WordsTests {
    static let cases: [(words: String, fragment: String)] = [
        ("smaple pfgmpp", "Did you mean 'sample'?"),
        ("sample pfgmp", "Did you mean 'pfgmpp'?"),
        ("train pfgmp", "Did you mean 'pfgmpp'?"),
        ("cite pfgmp", "Did you mean 'pfgmpp'?"),
        ("sample nothing-like-it", "No model family is called 'nothing-like-it'"),
        ("sample pfgmpp --stpes 4", "Did you mean '--steps'?"),
        ("sample pfgmpp --solver huen", "Did you mean 'heun'?"),
        ("sample pfgmpp --solver nonsense", "Known: euler, heun"),
        ("sample pfgmpp --precision exat", "Did you mean 'exact'?"),
        ("sample pfgmpp --D 0", "--D"),
        ("sample pfgmpp --D=-3", "--D"),
        ("sample pfgmpp --D nan", "--D"),
        ("sample pfgmpp --sigma-min 80 --sigma-max 80", "--sigma-min"),
        ("sample pfgmpp --sigma-min 90", "--sigma-min"),
        ("sample pfgmpp --sigma-min=-1", "--sigma-min"),
        ("sample pfgmpp --steps 0", "--steps must be from 1"),
        ("sample pfgmpp --steps 4000000000", "--steps must be from 1"),
        ("sample pfgmpp --steps four", "--steps must be a whole number, got 'four'."),
        ("sample pfgmpp --steps 1.5", "--steps must be a whole number, got 1.5."),
        ("sample pfgmpp --sigma-min low", "--sigma-min must be a number, got 'low'."),
        ("sample pfgmpp --seed -1", "--seed must be a whole number from 0 to 18446744073709551615, got -1."),
        ("sample pfgmpp -s -1", "-s must be a whole number from 0 to 18446744073709551615, got -1."),
        ("sample pfgmpp --count -3", "--count must be at least 1, got -3."),
        ("sample pfgmpp -n -3", "--count must be at least 1, got -3."),
        ("sample pfgmpp --sigma-min -1e-3", "--sigma-min must be above 0, got -0.001."),
        ("train pfgmpp --data x --lr -1", "--lr must not be negative, got -1.0."),
        ("reproduce x.png --workers -2", "--workers must be from 1 to 1,024, got -2."),
        ("sample pfgmpp --out one", "--out needs an ending, such as one.png"),
        ("speed", "'speed' is a command of a family: `genera gdss speed`."),
        ("sample pfgmpp --count 0", "--count must be at least 1"),
        ("sample pfgmpp --count=-5", "--count must be at least 1"),
        ("sample pfgmpp --count 99999999999", "--count is at most 1,000,000"),
        ("sample pfgmpp --count 99999999999999999999", "--count must be a whole number from -9223372036854775808 to"),
        ("sample pfgmpp --indices 5,x", "not an index"),
        ("sample pfgmpp --indices 9-5", "not an index"),
        ("sample pfgmpp --indices 5000000000", "0..<2^32"),
        ("sample pfgmpp --indices 0-15000000", "at most 1,000,000"),
        ("sample pfgmpp --shard 4/4", "--shard"),
        ("sample pfgmpp --seed=-1", "--seed must be a whole number from 0 to 18446744073709551615, got -1."),
        ("sample pfgmpp --batch 0", "--batch must be from 1"),
        ("sample pfgmpp --workers 0", "--workers must be from 1"),
        ("sample pfgmpp --threads 0", "--threads must be from 1"),
        ("sample pfgmpp --columns 0", "--columns must be from 1"),
        ("sample pfgmpp --scale 0", "--scale must be from 1"),
        ("sample pfgmpp --preview-every 0", "--preview-every must be from 1"),
        ("sample pfgmpp --trajectory x.gif", "--trajectory"),
        ("sample pfgmpp --label=-1", "--label"),
        ("sample pfgmpp --quiet --verbose", "exclude each other"),
        ("sample pfgmpp superfluous", "superfluous"),
        ("train pfgmpp", "--data"),
        ("train pfgmpp --data x --batch-size 0", "--batch-size"),
        ("train pfgmpp --data x --arch unknown", "--arch"),
        ("convert a b.pth", ".safetensors"),
        ("convert a b.safetensors --family pfgmp", "Did you mean 'pfgmpp'?"),
        ("data emoji", "--out"),
        ("data emoji --size 2 --out x.zip", "--size"),
        ("data emoji --out x.png", "zip"),
        ("data glyphs --margin 0.7 --out x.zip", "--margin"),
        ("config defaults pfgmp", "Did you mean 'pfgmpp'?"),
        ("inspect", "<file>"),
        ("reproduce", "<file>"),
    ]

    @Test("Senseless words are told in one sentence", arguments: cases)
    func senseless(words: String, fragment: String) throws {
        let folder = try Scratch()
        let outcome = try run(words, in: folder)
        expectFailure(outcome, 64, fragment)
        #expect(outcome.error.split(separator: "\n").count == 1 && outcome.output.isEmpty, "\(outcome)")
        #expect(folder.names().isEmpty)
    }

    @Test("A device that is not there is told", arguments: ["gpu", "cuda:200"])
    func device(name: String) throws {
        let folder = try Scratch()
        expectFailure(try run("sample pfgmpp --device \(name)", in: folder), 69, "There is no ")
    }
}
