/// Small PNG files of kinds that our writer does not make, 9 by 7 pixels, built byte by byte from the specification.
enum PNGFixtures {
    /// A palette of 1 bits: entry i is (16 i, 255 - 16 i, i); pixel (x, y) is (x + 3 y) mod 2.
    static let palette1 = decoded(
        """
        iVBORw0KGgoAAAANSUhEUgAAAAkAAAAHAQMAAADgVfUjAAAABlBMVEUA/wAQ7wHdxAKGAAAAEUlEQVR42mMIZWBY1cCASgIA\
        M5sE0533x50AAAAASUVORK5CYII=
        """)
    /// A palette of 2 bits: entry i is (16 i, 255 - 16 i, i); pixel (x, y) is (x + 3 y) mod 4.
    static let palette2 = decoded(
        """
        iVBORw0KGgoAAAANSUhEUgAAAAkAAAAHAgMAAACn9Y/zAAAADFBMVEUA/wAQ7wEg3wIwzwMolYCqAAAAG0lEQVR42mOQlmZg\
        OHbsAMPGjQ0MOTkODEh8AH3MCeHdDnNcAAAAAElFTkSuQmCC
        """)
    /// A palette of 4 bits: entry i is (16 i, 255 - 16 i, i); pixel (x, y) is (x + 3 y) mod 16.
    static let palette4 = decoded(
        """
        iVBORw0KGgoAAAANSUhEUgAAAAkAAAAHBAMAAAAotXpTAAAAMFBMVEUA/wAQ7wEg3wIwzwNAvwRQrwVgnwZwjweAfwiQbwmg\
        XwqwTwvAPwzQLw3gHw7wDw/7euv+AAAAMklEQVR42mNgVHZNb2AwCauYtYEhvXP12QcMs/bc+yDAcPY9o7IDwwchk7ACBqCS\
        zgUAUUUQLTwDK+cAAAAASUVORK5CYII=
        """)
    /// A palette of 8 bits: entry i is (16 i, 255 - 16 i, i); pixel (x, y) is (x + 3 y) mod 16.
    static let palette8 = decoded(
        """
        iVBORw0KGgoAAAANSUhEUgAAAAkAAAAHCAMAAADtRZdSAAAAMFBMVEUA/wAQ7wEg3wIwzwNAvwRQrwVgnwZwjweAfwiQbwmg\
        XwqwTwvAPwzQLw3gHw7wDw/7euv+AAAALklEQVR42jXLxw0AMAjAQEN6Zf9tEwnxuo8NoimX2jrOmAtnn4tjCM5vsVjQWB47\
        4wG0GSeRBwAAAABJRU5ErkJggg==
        """)
    /// Interlaced grey of 1 bits: pixel (x, y) is (17 x + 5 y) mod 2.
    static let grey1 = decoded(
        """
        iVBORw0KGgoAAAANSUhEUgAAAAkAAAAHAQAAAAGF52pbAAAAEklEQVR42mNgQAEfoHBVAwQBAEDVBz8GL/WOAAAAAElFTkSu\
        QmCC
        """)
    /// Interlaced grey of 2 bits: pixel (x, y) is (17 x + 5 y) mod 4.
    static let grey2 = decoded(
        """
        iVBORw0KGgoAAAANSUhEUgAAAAkAAAAHAgAAAAHCRxCLAAAAH0lEQVR42mNgAIMFQNjRAELlDHfBOCfHgeHYsQMgGgCXlgp1\
        udTs1gAAAABJRU5ErkJggg==
        """)
    /// Interlaced grey of 4 bits: pixel (x, y) is (17 x + 5 y) mod 16.
    static let grey4 = decoded(
        """
        iVBORw0KGgoAAAANSUhEUgAAAAkAAAAHBAAAAAFNB+UrAAAAPElEQVR42gExAM7/AAgAQABIwAAmAGoArOAgAOAkYAATVwC9\
        8QBXmwDxNQBWeJq80ADwEjRWcACavN7wEGRMEUWvwKBGAAAAAElFTkSuQmCC
        """)
    /// Interlaced grey of 8 bits: pixel (x, y) is (17 x + 5 y) mod 256.
    static let grey8 = decoded(
        """
        iVBORw0KGgoAAAANSUhEUgAAAAkAAAAHCAAAAAGI9wgqAAAAVklEQVR42mNg6GBwYRCJmMOglMZgVsXApeNXMIlBziGpZRmD\
        oHFoOYO0bXwjg6p7ZjeDfmDxVAZWMXULz6jsml4GfgVDp+CU0rbpDJJa1j6xefUTFgIAx/YUbgGW5R4AAAAASUVORK5CYII=
        """)
    /// The 4-bit palette, interlaced, with alpha 17 i for the first eight entries.
    static let paletteAlpha = decoded(
        """
        iVBORw0KGgoAAAANSUhEUgAAAAkAAAAHBAMAAAFfskrFAAAAMFBMVEUA/wAQ7wEg3wIwzwNAvwRQrwVgnwZwjweAfwiQbwmg\
        XwqwTwvAPwzQLw3gHw7wDw/7euv+AAAACHRSTlMAESIzRFVmd1lsqD8AAAA6SURBVHjaY+BgcGA44MCgxvCIIWPNAwaVjAUM\
        wuEMlXsZ7gszmFYymIRVzNrAMGvPvQ8CDB+ETMIKAF8wEC2d0sHaAAAAAElFTkSuQmCC
        """)
    /// Interlaced RGB of 16 bits: (7000 x, 9000 y, 1000 x y).
    static let rgb16 = decoded(
        """
        iVBORw0KGgoAAAANSUhEUgAAAAkAAAAHEAIAAAFybhziAAABO0lEQVR42iVQr4vDMBQunLjCxAITExUbRCxqnKqYGFORI1TV\
        DHquEYWZQczBZET+gIkTERXnUhk40cjIIzJq8mT+hOvrPfEe7318P3hZNld08+ia/zVTGhalj/folP7IsnKAc49mtByU3px6\
        pPQFeJTBibKl7hrKAKBs/4yOsuN9gkMCOKT9s2tCurgehaR0dCF937OiBsEqhy4t9LGdPYqastefKqdsfZWWsh0aW8qmGEWt\
        9FJXudL7p7RKn7djqybnCQhpfa3ykCiTNqTb29iGNEfGBAQxefktB0xAFpOF7RpMllpaTFayR5isr2OLSVFHh8nmNNG4ABoX\
        C1sOXIA2F5h0DRdgzcXh0SMuKBtbLqo8Oi7mfxgPNONXshyM36EqN/7w6Brjz1tpjX//6pHxEM94aaMz/vP0B+YbjGVlQIDX\
        AAAAAElFTkSuQmCC
        """)
    /// Grey 10 x + y in which level 11 is transparent.
    static let greyKey = decoded(
        """
        iVBORw0KGgoAAAANSUhEUgAAAAkAAAAHCAAAAAD/8Di8AAAAAnRSTlMAC+FBFLAAAABOSURBVHjaY2DgEpHTMLJxC2Bg5BaV\
        1zS2dQ9kYOIRU9AysfMIYmDmFVfUNrX3DGZg4ZNQ0jFz8AphYOWXVNY1d/QOZWATkFLRs3DyCQMAWHQKlqWydIEAAAAASUVO\
        RK5CYII=
        """)
    /// One pixel; zTXt "Comment" is "café " 30 times, compressed iTXt "Recipe" is "compressed: Grüße " 20 times.
    static let compressedText = decoded(
        """
        iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAAGXpUWHRDb21tZW50AAB4nEtOTHupkDzYCAB2skH7IPvqfQAA\
        AC9pVFh0UmVjaXBlAAEAZGUAAHicS87PLShKLS5OTbFScC86vOfw/FSF5FGxARMDAMGxrZnonEjIAAAACklEQVR42mNgBQAA\
        BwAGLUUYBwAAAABJRU5ErkJggg==
        """)

    private static func decoded(_ base64: String) -> [UInt8] {
        let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)
        var (bytes, bits, count): ([UInt8], UInt32, Int) = ([], 0, 0)
        for letter in base64.utf8 {
            guard let value = alphabet.firstIndex(of: letter) else { continue }
            bits = bits << 6 | UInt32(value)
            count += 6
            if count >= 8 {
                count -= 8
                bytes.append(UInt8(truncatingIfNeeded: bits >> UInt32(count)))
            }
        }
        return bytes
    }
}
