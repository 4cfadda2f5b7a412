import unittest

from greeting import greeting


class GreetingTests(unittest.TestCase):
    def test_names_who_asks(self):
        self.assertIn("Ada", greeting("Ada"))

    def test_greets_who_has_no_name(self):
        self.assertTrue(greeting("").startswith("Hello"))
